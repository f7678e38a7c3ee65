import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, NatsServer } from './nats-server.js';

/** Three nodes that keep copies of one another. */
export class NatsCluster {
  readonly nodes: readonly NatsServer[];

  private constructor(nodes: readonly NatsServer[]) {
    this.nodes = nodes;
  }

  static async start(): Promise<NatsCluster> {
    const ports = [await freePort(), await freePort(), await freePort()];
    const routes = ports.map((port) => `nats-route://127.0.0.1:${port}`).join(', ');
    const nodes = await Promise.all(
      ports.map((port, i) =>
        NatsServer.start(
          `server_name: node-${i + 1}\ncluster { name: test, listen: "127.0.0.1:${port}", routes: [${routes}] }`,
        ),
      ),
    );
    // A leader is elected before anything is asked of it.
    await sleep(3000);
    return new NatsCluster(nodes);
  }

  url(deployment: string): string {
    const hosts = this.nodes.map(({ port }) => `127.0.0.1:${port}`).join(',');
    return `nats://${hosts}/${deployment}?replicas=3`;
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
  }
}
