import { fileURLToPath } from 'node:url';
import { runCampaign } from './campaign.js';
import type { Format } from './files/format.js';
import { AUDIO, mutantOf, OTHERS, type Formats } from './files/formats.js';
import type { Row } from './row.js';
import { share, type Section, type Task } from './section.js';

const PROGRAM = fileURLToPath(new URL('files/child.ts', import.meta.url));
/** Of each kind; there are many kinds of recordings, and what is read of them is decoded. */
const MUTANTS = { recordings: 1000, files: 3000 };
const LIMITS = { hangMs: 2000, mostMiB: 500 };

const PROMISE =
  'A damaged file is read or refused with a documented code, with no unhandled rejection, no 2 s without progress, no ' +
  'process above 500 MiB.';

export const recordings = section('Recordings', AUDIO, MUTANTS.recordings);
export const files = section('Other files', OTHERS, MUTANTS.files);

function section(title: string, formats: Formats, mutants: number): Section {
  return {
    title,
    promise: PROMISE,
    mostSeconds: 2 * 3600,
    async *run(task) {
      for (const [name, load] of Object.entries(formats))
        yield await attack(name, await load(), share(mutants, task), task);
    },
  };
}

function attack(name: string, format: Format, count: number, task: Task): Promise<Row> {
  return runCampaign({
    what: name,
    count,
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
