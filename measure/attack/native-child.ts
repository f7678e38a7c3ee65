/** Calls the addon as a number says: `native-child.ts arguments|receivers SEED`, then numbers. */
import { answerJobs } from './answer-jobs.js';
import { callOf, perform, strayCallOf } from './native/calls.js';

const [what, seed] = process.argv.slice(2);
const make = what === 'arguments' ? callOf : strayCallOf;

answerJobs(async (job) => {
  const call = await make(Number(seed), Number(job));
  const end = await perform(call);
  return `${call.isWrong ? 'wrong' : 'right'} types: ${end}`;
});
