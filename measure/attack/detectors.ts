import { fileURLToPath } from 'node:url';
import { BROKEN, type BrokenJob } from './broken-jobs.js';
import type { Section } from './section.js';
import { WatchedChild, type Outcome } from './watched-child.js';

const PROGRAM = fileURLToPath(new URL('detectors-child.ts', import.meta.url));

/** Everything that the other sections look for, made on purpose: a table of "yes" says nothing where it goes unseen. */
export const detectors: Section = {
  title: 'The detectors',
  promise: 'Deliberate faults are detected.',
  mostSeconds: 120,
  async *run() {
    const child = new WatchedChild(PROGRAM, [], { hangMs: 4000, mostMiB: 500 });
    const missed: string[] = [];
    for (const name of Object.keys(BROKEN) as BrokenJob[]) {
      if (seen(await child.run(name)) !== BROKEN[name]) missed.push(name);
    }
    child.close();
    const tried = Object.keys(BROKEN).length;
    yield {
      what: 'jobs that hang, leak, crash, reject or throw, and one that does not',
      tried,
      result: missed.length === 0 ? `all ${tried} told apart` : `missed: ${missed.join(', ')}`,
      holds: missed.length === 0,
    };
  },
};

function seen(outcome: Outcome): (typeof BROKEN)[BrokenJob] {
  if (outcome.kind !== 'reply') return outcome.kind;
  return outcome.faults.length > 0 ? 'fault' : 'fine';
}
