import type { RecordingListReply, RecordingReply } from '../../protocol/index.js';
import { WhospeaksError } from '../../errors.js';
import { parseOptions } from '../../options.js';
import {
  formatTranscript,
  isTranscriptFormat,
  mediaTypeOf,
  TRANSCRIPT_FORMATS,
} from '../../transcript/formats/index.js';
import type { Audit } from '../audit.js';
import type { SpeakerCount } from '../recordings/messages.js';
import type { RecordingJob, RecordingQueue } from '../recordings/recording-queue.js';
import { spool, type Spooled } from '../recordings/spool.js';
import type { SpeakerGroup } from '../speakers/speaker-group.js';
import { pieces, readJson } from './body.js';
import type { Exchange } from './exchange.js';
import { countsSchema, foundNameSchema, type TokenHandlers } from './operations.js';

export interface RecordingHandlersParts {
  readonly queue: RecordingQueue;
  readonly group: (name: string) => SpeakerGroup;
  readonly audit: Audit;
  readonly maxRecordingBytes: number;
}

/** What is answered about whole recordings. */
export type RecordingHandlers = Pick<
  TokenHandlers,
  'sendRecording' | 'listRecordings' | 'getRecording' | 'getTranscript' | 'nameFound' | 'removeRecording'
>;

export function recordingHandlers({
  queue,
  group,
  audit,
  maxRecordingBytes,
}: RecordingHandlersParts): RecordingHandlers {
  const jobOf = ({ principal, parts }: Exchange): RecordingJob => queue.get(principal.group, parts[0]!);
  return {
    sendRecording: async ({ request, query, principal }) => {
      const count = countsIn(query);
      if ((request.headers['content-type'] ?? '').toLowerCase().startsWith('multipart/')) {
        throw new WhospeaksError('invalid-option', 'send the recording itself as the body, not a form');
      }
      const receive = (): Promise<Spooled> => spool(pieces(request, maxRecordingBytes));
      const job = await queue.take(principal.group, count, receive);
      return { status: 202, body: replyOf(job), headers: { location: `v1/recordings/${job.id}` } };
    },
    listRecordings: ({ principal }) => {
      const recordings = queue.list(principal.group).map(stateOf);
      const reply: RecordingListReply = { recordings };
      return { status: 200, body: reply };
    },
    getRecording: (exchange) => ({ status: 200, body: replyOf(jobOf(exchange)) }),
    getTranscript: (exchange) => {
      const format = exchange.query.get('format') ?? 'txt';
      if (!isTranscriptFormat(format)) {
        throw new WhospeaksError(
          'invalid-option',
          `format: expected ${TRANSCRIPT_FORMATS.join(', ')}, received "${format.slice(0, 40)}"`,
        );
      }
      const job = jobOf(exchange);
      const { segments, duration } = resultOf(job);
      const text = formatTranscript(format, { recording: job.id, segments, duration });
      const { response } = exchange;
      response.setHeader('cache-control', 'no-store');
      response.setHeader('content-type', `${mediaTypeOf(format)}; charset=utf-8`);
      response.end(text);
      return null;
    },
    nameFound: async (exchange) => {
      const job = jobOf(exchange);
      const { label, speaker } = await readJson(exchange.request, foundNameSchema);
      const found = resultOf(job).speakers.find((other) => other.label === label && !other.known);
      if (found === undefined) {
        throw new WhospeaksError(
          'speaker-not-found',
          `no unknown speaker of the recording is called "${label}"`,
        );
      }
      const { principal } = exchange;
      const speakers = group(principal.group);
      await speakers.assertFree(speaker);
      await speakers.add({ ...found.profile, name: speaker }, principal.tokenId);
      audit(principal, { action: 'named', speaker });
      queue.rename(job, label, speaker);
      return { status: 200, body: speakers.get(speaker) };
    },
    removeRecording: ({ principal, parts }) => {
      queue.remove(principal.group, parts[0]!);
      return { status: 204 };
    },
  };
}

/** @throws {WhospeaksError} `invalid-option` */
function countsIn(query: URLSearchParams): SpeakerCount {
  const { speakers, minSpeakers, maxSpeakers } = parseOptions(
    'query',
    countsSchema,
    Object.fromEntries(query),
  );
  if (speakers !== undefined && (minSpeakers ?? maxSpeakers) !== undefined) {
    throw new WhospeaksError(
      'invalid-option',
      'speakers says how many there are; leave out minSpeakers and maxSpeakers',
    );
  }
  return {
    ...(speakers === undefined ? {} : { speakers }),
    ...(minSpeakers === undefined ? {} : { minSpeakers }),
    ...(maxSpeakers === undefined ? {} : { maxSpeakers }),
  };
}

/** @throws {WhospeaksError} why it failed, or `recording-unfinished` */
function resultOf({ result, error }: RecordingJob): NonNullable<RecordingJob['result']> {
  if (result !== null) return result;
  throw error === null
    ? new WhospeaksError(
        'recording-unfinished',
        'the recording is not heard to its end yet; ask again in a moment',
      )
    : new WhospeaksError(error.code, error.message);
}

/** How far it is, without what came of it. */
function stateOf({ id, state, createdAt, expiresAt, progress, error, result }: RecordingJob): RecordingReply {
  const durationSeconds = result?.duration ?? progress?.duration;
  return {
    recording: id,
    state,
    createdAt: createdAt.toISOString(),
    ...(expiresAt === null ? {} : { expiresAt: expiresAt.toISOString() }),
    ...(state === 'running' && progress !== null ? { positionSeconds: progress.position } : {}),
    ...(durationSeconds === undefined ? {} : { durationSeconds }),
    ...(error === null ? {} : { error }),
  };
}

function replyOf(job: RecordingJob): RecordingReply {
  const { result } = job;
  if (result === null) return stateOf(job);
  return {
    ...stateOf(job),
    segments: result.segments.map(({ speaker, known, start, end, probability }) => ({
      speaker,
      known,
      startSeconds: start,
      endSeconds: end,
      probability,
    })),
    speakers: result.speakers.map(({ label, known, seconds }) => ({ label, known, seconds })),
  };
}
