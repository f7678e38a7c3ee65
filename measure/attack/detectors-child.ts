/** Does what `JOBS` has under the name that it is handed. */
import { answerJobs } from './answer-jobs.js';
import { JOBS, type BrokenJob } from './broken-jobs.js';

answerJobs(async (job) => JOBS[job as BrokenJob]());
