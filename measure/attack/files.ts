import { fileURLToPath } from 'node:url';
import { runCampaign } from './campaign.js';
import { FORMATS, mutantOf } from './files/formats.js';
import type { Row } from './row.js';
import { share, type Section, type Task } from './section.js';

const PROGRAM = fileURLToPath(new URL('files/child.ts', import.meta.url));
const MUTANTS = 3000;
const LIMITS = { hangMs: 2000, mostMiB: 500 };

export const files: Section = {
  title: 'Files',
  promise:
    'A file of any kind, however damaged, is read or refused with a documented code: no error without one, no promise ' +
    'that nobody catches, no 2 s without a piece of it, no process above 500 MiB.',
  mostSeconds: 3 * 3600,
  async *run(task) {
    for (const name of Object.keys(FORMATS)) yield await attack(name, task);
  },
};

async function attack(name: string, task: Task): Promise<Row> {
  const format = await FORMATS[name]!();
  return runCampaign({
    what: name,
    count: share(MUTANTS, task),
    limit: 'a code each, 2 s, 500 MiB',
    program: PROGRAM,
    args: [name, String(task.seed)],
    limits: LIMITS,
    job: (index) => index,
    reproducer: (index) => ({
      name: `${name.replaceAll(' ', '-')}-${task.seed}-${index}`,
      bytes: mutantOf(format, task.seed, index),
    }),
  });
}
