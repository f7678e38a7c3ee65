import type { NameReply, RecordingListReply, RecordingReply } from '../../protocol/index.js';
import { WhospeaksError } from '../../errors.js';
import { parseOptions } from '../../options.js';
import { ANY_FORMATS, isAnyFormat, mediaTypeOf } from '../../transcript/formats/index.js';
import { formatResult } from '../../transcript/formats/format-result.js';
import { foundIn } from '../../protocol/recording-result.js';
import type { z } from 'zod';
import type { Principal } from '../access/principal.js';
import type { Audit } from '../audit.js';
import { isUnknownLabel } from '../../events/events.js';
import { speakerName } from '../../speakers/speaker-name.js';
import type { DiarizedSpeaker } from '../../clustering/types.js';
import type { Asked } from '../recordings/messages.js';
import type { RecordingJob, Recordings } from '../recordings/recordings.js';
import { fetchRecording, type FetchLimits } from '../recordings/fetch-recording.js';
import { spool, type Spooled } from '../recordings/spool.js';
import { spoolForm } from './recording-form.js';
import { UrlPolicy } from '../recordings/url-policy.js';
import type { SpeakerGroup } from '../speakers/speaker-group.js';
import { pieces, readJson } from './body.js';
import type { Exchange, Reply } from './exchange.js';
import { foundNameSchema, recordingUrlSchema, sendRecordingQuery, type TokenHandlers } from './operations.js';

export interface RecordingHandlersParts {
  readonly queue: Recordings;
  readonly group: (name: string) => SpeakerGroup;
  readonly audit: Audit;
  readonly maxRecordings: number;
  readonly maxRecordingBytes: number;
  /** Where recordings may be fetched from. */
  readonly recordingUrls: readonly string[];
  readonly recordingFetchSeconds: number;
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
  maxRecordings,
  maxRecordingBytes,
  recordingUrls,
  recordingFetchSeconds,
}: RecordingHandlersParts): RecordingHandlers {
  const inTurn = oneAfterAnother();
  const policy = new UrlPolicy(recordingUrls);
  const limits: FetchLimits = { policy, maxBytes: maxRecordingBytes, maxSeconds: recordingFetchSeconds };
  const jobOf = async ({ principal, parts }: Exchange): Promise<RecordingJob> =>
    queue.get(principal.group, parts[0]!);
  const taken = (job: RecordingJob): Reply => ({
    status: 202,
    body: replyOf(job, queue),
    headers: { location: `v1/recordings/${job.id}` },
  });
  const name = async (
    principal: Principal,
    job: RecordingJob,
    { label, speaker, learn }: z.output<typeof foundNameSchema>,
  ): Promise<NameReply> => {
    const { profile } = unknownSpeaker(job, label);
    if (isUnknownLabel(speaker) && speaker !== label) {
      unknownSpeaker(job, speaker);
      await queue.rename(job, label, speaker, false);
      return { label, how: 'merged', saved: false };
    }
    const speakers = group(principal.group);
    const checked = speakerName(speaker);
    const isNew = !speakers.has(checked);
    if (isNew) await speakers.add({ ...profile, name: checked }, principal.tokenId);
    else await speakers.hear(checked, profile, learn, principal.tokenId);
    audit(principal, { action: isNew ? 'named' : 'learnt', speaker: checked });
    const stored = speakers.get(checked);
    await queue.rename(job, label, stored.name, true);
    return { speaker: stored, label, how: isNew ? 'enrolled' : learn ? 'learnt' : 'adapted', saved: true };
  };

  return {
    sendRecording: async ({ request, query, principal }) => {
      const asked = askedIn(query);
      const type = (request.headers['content-type'] ?? '').toLowerCase();
      if (type.startsWith('application/json')) {
        const url = new URL((await readJson(request, recordingUrlSchema)).url);
        policy.route(url);
        const fetched = await queue.fetch(principal.group, asked, (signal) =>
          fetchRecording(url, limits, signal),
        );
        return taken(fetched);
      }
      const body = pieces(request, maxRecordingBytes);
      // As it came: the boundary in it has capitals.
      const form = request.headers['content-type'] ?? '';
      const receive = (): Promise<Spooled> =>
        type.startsWith('multipart/form-data') ? spoolForm(body, form) : spool(body);
      const job = await queue.take(principal.group, asked, receive);
      return taken(job);
    },
    listRecordings: async ({ principal }) => {
      const recordings = (await queue.list(principal.group)).map((job) => stateOf(job, queue));
      const reply: RecordingListReply = { recordings, maxRecordings, maxRecordingBytes };
      return { status: 200, body: reply };
    },
    getRecording: async (exchange) => ({ status: 200, body: replyOf(await jobOf(exchange), queue) }),
    getTranscript: async (exchange) => {
      const format = exchange.query.get('format') ?? 'txt';
      if (!isAnyFormat(format)) {
        throw new WhospeaksError(
          'invalid-option',
          `format: expected ${ANY_FORMATS.join(', ')}, received "${format.slice(0, 40)}"`,
        );
      }
      const job = await jobOf(exchange);
      const text = formatResult(job.id, format, resultOf(job));
      const { response } = exchange;
      response.setHeader('cache-control', 'no-store');
      response.setHeader('content-type', `${mediaTypeOf(format)}; charset=utf-8`);
      response.end(text);
      return null;
    },
    nameFound: async (exchange) => {
      const { id, group: owner } = await jobOf(exchange);
      const request = await readJson(exchange.request, foundNameSchema);
      const work = async (): Promise<NameReply> => name(exchange.principal, await jobOf(exchange), request);
      const reply = await inTurn(`${owner}/${id}`, work);
      return { status: 200, body: reply };
    },
    removeRecording: async ({ principal, parts }) => {
      await queue.remove(principal.group, parts[0]!);
      return { status: 204 };
    },
  };
}

/** @throws {WhospeaksError} `invalid-option` */
function askedIn(query: URLSearchParams): Asked {
  const numbers = [...query].map(([key, value]) => [key, /^\d+$/.test(value) ? Number(value) : value]);
  const { audio = 'mix', ...count } = parseOptions('query', sendRecordingQuery, Object.fromEntries(numbers));
  return { audio, count };
}

/** What is said of one recording's speakers at once is done one after the other: a voice gets one name. */
function oneAfterAnother(): <T>(recording: string, change: () => Promise<T>) => Promise<T> {
  const changes = new Map<string, Promise<unknown>>();
  return (recording, change) => {
    const changed = (changes.get(recording) ?? Promise.resolve()).then(change);
    const settled = changed
      .catch(() => undefined)
      .then(() => {
        if (changes.get(recording) === settled) changes.delete(recording);
      });
    changes.set(recording, settled);
    return changed;
  };
}

/** @throws {WhospeaksError} `speaker-not-found`, or as `resultOf` */
function unknownSpeaker(job: RecordingJob, label: string): DiarizedSpeaker {
  const found = resultOf(job).speakers.find((speaker) => speaker.label === label && !speaker.known);
  if (found !== undefined) return found;
  throw new WhospeaksError('speaker-not-found', `no unknown speaker of the recording is called "${label}"`);
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
function stateOf(job: RecordingJob, queue: Recordings): RecordingReply {
  const { id, state, createdAt, expiresAt, progress, error, result } = job;
  const durationSeconds = result?.duration ?? progress?.duration;
  const ahead = queue.ahead(job);
  return {
    recording: id,
    state,
    createdAt: createdAt.toISOString(),
    ...(expiresAt === null ? {} : { expiresAt: expiresAt.toISOString() }),
    ...(ahead === undefined ? {} : { ahead }),
    ...(state === 'running' && progress !== null ? { positionSeconds: progress.position } : {}),
    ...(durationSeconds === undefined ? {} : { durationSeconds }),
    ...(error === null ? {} : { error }),
  };
}

function replyOf(job: RecordingJob, queue: Recordings): RecordingReply {
  const { result } = job;
  const state = stateOf(job, queue);
  if (result === null) return state;
  return { ...state, ...foundIn(result) };
}
