import { fileURLToPath } from 'node:url';
import { runCampaign } from './campaign.js';
import type { Row } from './row.js';
import { share, type Section, type Task } from './section.js';

const PROGRAM = fileURLToPath(new URL('native-child.ts', import.meta.url));
const LIMITS = { hangMs: 5000, mostMiB: 500 };
const CALLS = 2000;
const STRAY_CALLS = 300;

export const native: Section = {
  title: 'The addon',
  promise:
    'An argument of a wrong type, in any place of any function, throws an Error; it never crashes and is never accepted.',
  mostSeconds: 1800,
  async *run(task) {
    yield await attack('every function: wrong arguments', 'arguments', CALLS, task);
    yield await attack('every method: called on another object', 'receivers', STRAY_CALLS, task);
  },
};

function attack(what: string, mode: string, count: number, task: Task): Promise<Row> {
  return runCampaign({
    what,
    count: share(count, task),
    program: PROGRAM,
    args: [mode, String(task.seed)],
    limits: LIMITS,
    job: (index) => index,
  });
}
