import { z } from 'zod';
import { countFields } from '../../clustering/speaker-count.js';
import type { DiarizeProgress } from '../../clustering/types.js';
import { ERROR_CODES, WhospeaksError, type ErrorCode } from '../../errors.js';
import type { RecordingRecord } from '../../fleet/recordings/recording-record.js';
import { audioSchema } from '../../stream/format.js';
import type { Asked, JobResult } from './messages.js';
import type { RecordingJob } from './recordings.js';

const askedSchema = z.object({ count: z.object(countFields), audio: audioSchema });
const progressSchema = z.object({
  stage: z.enum(['listening', 'clustering']),
  position: z.number(),
  duration: z.number().optional(),
  channel: z.int().optional(),
});

/** @throws {WhospeaksError} `store-corrupt` */
export function askedOf({ asked }: RecordingRecord): Asked {
  const parsed = askedSchema.safeParse(asked);
  if (parsed.success) return parsed.data;
  throw new WhospeaksError(
    'store-corrupt',
    'what the fleet keeps of the recording is damaged; send the recording again',
  );
}

/** A recording of the fleet as the routes tell it. */
export function jobOf(record: RecordingRecord, result: JobResult | null): RecordingJob {
  const { id, group, state, error, createdAt, expiresAt } = record;
  const progress = progressSchema.safeParse(record.progress);
  return {
    id,
    group,
    createdAt: new Date(createdAt),
    // How it was to be heard matters to whoever hears it alone.
    asked: askedSchema.safeParse(record.asked).data ?? { count: {}, audio: 'mix' },
    state: state === 'receiving' ? 'fetching' : state,
    progress: progress.success ? (progress.data as DiarizeProgress) : null,
    result,
    error: error && { code: codeOf(error.code), message: error.message },
    expiresAt: expiresAt === null ? null : new Date(expiresAt),
  };
}

/** A later version may have codes that this one lacks. */
function codeOf(code: string): ErrorCode {
  return ERROR_CODES.find((each) => each === code) ?? 'server-failed';
}
