import type { Logger } from 'pino';
import { usableCores } from '../../native/cpu-quota.js';
import type { ServerConfig } from '../config.js';
import { faultOf } from '../fault.js';
import type { GroupDirectory } from '../speakers/group-directory.js';
import { runJob } from './job.js';
import type { RecordingsParts } from './recordings.js';

/** Processes that diarize whole recordings at once; each takes some 300 MB. */
const AT_ONCE = 1;

/** How recordings are heard, as the configuration says. */
export function configuredRecordings(
  config: ServerConfig,
  groups: GroupDirectory,
  logger: Logger,
): RecordingsParts {
  return {
    maxRecordings: config.maxRecordings,
    atOnce: AT_ONCE,
    keepSeconds: config.recordingKeepSeconds,
    diarize: (job, spooled, run) =>
      runJob(
        spooled,
        {
          name: 'the recording',
          ...job.asked,
          profiles: groups.get(job.group).usable(),
          model: config.model,
          engine: config.engine,
          precision: config.precision,
          threads: config.threads ?? Math.max(1, Math.floor(usableCores() / 2)),
        },
        run,
      ),
    onFault: (error, { id, group }) => {
      logger.error({ err: faultOf(error), recording: id, group }, 'a recording failed');
    },
  };
}
