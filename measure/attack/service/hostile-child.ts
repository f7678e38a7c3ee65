/** Attacks until it is killed: `hostile-child.ts URL`, and NAME TOKEN of each attack. Tells each answer that it gets. */
import { constants, setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { ATTACKS } from './hostile.js';

/** Below what one token may ask for, so that each is dealt with and not just turned away. */
const PAUSE_MS = 70;
/** Blows of one attack at a time. */
const MOST_AT_ONCE = 4;

const [url, ...pairs] = process.argv.slice(2);
process.on('disconnect', () => process.exit(0));
// It stands for other machines: what it computes is not to be taken from the server's processors.
setPriority(constants.priority.PRIORITY_LOW);

async function attack(name: string, token: string): Promise<void> {
  const blow = ATTACKS[name]!();
  let running = 0;
  for (let index = 0; ; index++) {
    await sleep(PAUSE_MS);
    if (running >= MOST_AT_ONCE) continue;
    running += 1;
    void blow({ url: url!, token }, index)
      .catch(reason)
      .then((answer) => {
        process.send!(answer);
        running -= 1;
      });
  }
}

for (let i = 0; i < pairs.length; i += 2) void attack(pairs[i]!, pairs[i + 1]!);

function reason(error: unknown): string {
  return error instanceof Error && /Abort|Timeout/.test(error.name) ? 'none in 5 s' : 'hung up';
}
