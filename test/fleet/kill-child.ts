/** A server of a fleet in a process of its own, to be killed: prints its address. The network is the cheap one of the tests. */
import { startServer } from '../server/support.js';

const [fleet, port] = process.argv.slice(2);
const server = await startServer({ fleet: fleet!, port: Number(port ?? 0), resumeWindowSeconds: 60 });
process.stdout.write(`${JSON.stringify({ url: server.url })}\n`);
process.once('SIGTERM', () => {
  void server.drain().then(() => process.exit(0));
});
