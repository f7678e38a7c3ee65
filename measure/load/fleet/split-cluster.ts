import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, NatsServer } from '../../../test/fleet/nats-server.js';

/** A way from one node to another that can be cut: connections stay open, and nothing goes through. */
class Wire {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isCut = false;

  private constructor(port: number) {
    this.#server = createServer((near) => {
      const far = connect(port, '127.0.0.1');
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(from);
        from.on('data', (bytes) => {
          // As a network does that loses every packet.
          if (!this.#isCut) to.write(bytes);
        });
        from.on('error', () => to.destroy());
        from.on('close', () => {
          this.#sockets.delete(from);
          to.destroy();
        });
      }
    });
  }

  static async to(port: number): Promise<Wire> {
    const wire = new Wire(port);
    wire.#server.listen(0, '127.0.0.1');
    await once(wire.#server, 'listening');
    return wire;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  cut(): void {
    this.#isCut = true;
  }

  /** What was lost is lost: connections begin anew. */
  mend(): void {
    this.#isCut = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  close(): void {
    this.mend();
    this.#server.close();
  }
}

/** Three NATS nodes whose third can be cut off from the others, and has a small disk of its own. */
export class SplitCluster {
  readonly nodes: readonly NatsServer[];
  /** To and from the third. */
  readonly #wires: readonly Wire[];
  readonly #all: readonly Wire[];

  private constructor(nodes: readonly NatsServer[], all: readonly Wire[], wires: readonly Wire[]) {
    this.nodes = nodes;
    this.#all = all;
    this.#wires = wires;
  }

  static async start(diskMiB: number): Promise<SplitCluster> {
    const ports = [await freePort(), await freePort(), await freePort()];
    const all: Wire[] = [];
    const ofThird: Wire[] = [];
    const nodes = await Promise.all(
      ports.map(async (port, i) => {
        const routes: string[] = [];
        for (const [j, other] of ports.entries()) {
          if (j === i) continue;
          const wire = await Wire.to(other);
          all.push(wire);
          if (i === 2 || j === 2) ofThird.push(wire);
          routes.push(`nats-route://127.0.0.1:${wire.port}`);
        }
        // What a node tells the others of where it is would lead past the wires: nobody is at port 1.
        const cluster = `cluster { name: load, listen: "127.0.0.1:${port}", advertise: "127.0.0.1:1", routes: [${routes.join(', ')}] }`;
        return NatsServer.start(
          // A node that hears nothing from another takes it for lost after some seconds, as in a data centre.
          `server_name: node-${i + 1}\nping_interval: "2s"\nping_max: 2\n${cluster}`,
          'max_file_store: 64GB',
          i === 2 ? diskMiB : undefined,
        );
      }),
    );
    // A leader is elected before anything is asked of it.
    await sleep(5000);
    return new SplitCluster(nodes, all, ofThird);
  }

  url(deployment: string): string {
    const hosts = this.nodes.map(({ port }) => `127.0.0.1:${port}`).join(',');
    return `nats://${hosts}/${deployment}?replicas=3`;
  }

  split(): void {
    for (const wire of this.#wires) wire.cut();
  }

  mend(): void {
    for (const wire of this.#wires) wire.mend();
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
    for (const wire of this.#all) wire.close();
  }
}
