/**
 * Picovoice's speaker recognition benchmark on VoxConverse (Picovoice/speaker-recognition-benchmark, the version with results/VoxConverse): each speaker of a
 * recording with 30 s of speech or more is enrolled, alone, from the first 15 s of that speech, others' included where they overlap.
 * Then the whole recording is streamed in frames of 96 ms, and each frame is the speaker's or not.
 */
import { Subject } from 'rxjs';
import {
  currentSpeaker,
  enroll,
  fromFile,
  fromSamples,
  isWhospeaksError,
  readAll,
  type CurrentSpeaker,
  type IdentifyEvent,
  type Profile,
} from 'whospeaks';
import { joinRegions, turnsOfEvents, type Region, type Turn } from 'whospeaks/evaluate';
import { SAMPLE_RATE_HZ } from 'whospeaks/stages';
import { table } from '../accuracy/table.js';
import { referencesIn } from '../diarization/recordings.js';
import { detection, detectionAccuracy, detectionErrorRate, type DetectionSeconds } from './detection.js';
import { hearStream, identified } from './hearing.js';
import type { ProtocolInput } from './main.js';

const FRAME_SAMPLES = 0.096 * SAMPLE_RATE_HZ;
const ENROLMENT_SECONDS = 15;
/** Speakers with less speech are not enrolled. */
const LEAST_SECONDS = 30;
const NAME = 'enrolled';

/** How a decision for a frame comes from the events. */
const READINGS: Readonly<Record<string, (events: readonly IdentifyEvent[], samples: number) => Region[]>> = {
  'whospeaks, as each frame ends': framesOf,
  'whospeaks, final turns': (events) =>
    turnsOfEvents(events, { speech: true }).filter(({ speaker }) => speaker === NAME),
};

export async function picovoice({ folder, hearing, options }: ProtocolInput): Promise<string> {
  const references = referencesIn(folder, options).filter((_, i) => i % options.every === 0);
  const told = new Map<string, DetectionSeconds[]>(Object.keys(READINGS).map((name) => [name, []]));
  const left = { short: 0, refused: 0 };
  for (const { path, turns } of references) {
    const stream = await hearStream(path, hearing);
    let samples: Float32Array | undefined;
    for (const [speaker, own] of turnsBySpeaker(turns)) {
      if (secondsOf(joinRegions(own)) < LEAST_SECONDS) {
        left.short++;
        continue;
      }
      samples ??= await readAll(fromFile(path));
      const profile = await enrolled(enrolmentOf(own, samples), hearing.model);
      if (profile === null) {
        left.refused++;
        continue;
      }
      process.stderr.write(`${path}: ${speaker}\n`);
      const events = identified(stream, [profile], hearing);
      for (const [name, read] of Object.entries(READINGS))
        told.get(name)!.push(detection(own, read(events, stream.samples)));
    }
  }
  const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;
  const rows = [...told].map(([name, seconds]) => [
    name,
    percent(detectionAccuracy(seconds)),
    percent(detectionErrorRate(seconds)),
  ]);
  const count = [...told.values()][0]!.length;
  return (
    `${references.length} recordings, ${count} enrolled speakers; left out: ${left.short} with less than ` +
    `${LEAST_SECONDS} s, ${left.refused} whom enrolment refused.\n\n` +
    table(['engine', 'detection accuracy', 'detection error rate'], rows)
  );
}

function turnsBySpeaker(turns: readonly Turn[]): Map<string, Turn[]> {
  const bySpeaker = new Map<string, Turn[]>();
  const inOrder = [...turns].sort((a, b) => a.startSeconds - b.startSeconds || a.endSeconds - b.endSeconds);
  for (const turn of inOrder) bySpeaker.set(turn.speaker, [...(bySpeaker.get(turn.speaker) ?? []), turn]);
  return bySpeaker;
}

function secondsOf(regions: readonly Region[]): number {
  return regions.reduce((sum, { startSeconds, endSeconds }) => sum + endSeconds - startSeconds, 0);
}

/** Whole turns from the first on, until there are 15 s of them. `turns`: one speaker's, in order. */
export function enrolmentOf(turns: readonly Region[], samples: Float32Array): Float32Array {
  const pieces: Float32Array[] = [];
  let seconds = 0;
  for (const { startSeconds, endSeconds } of turns) {
    pieces.push(
      samples.subarray(Math.floor(startSeconds * SAMPLE_RATE_HZ), Math.floor(endSeconds * SAMPLE_RATE_HZ)),
    );
    seconds += endSeconds - startSeconds;
    if (seconds >= ENROLMENT_SECONDS) break;
  }
  const joined = new Float32Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}

/** Null where enrolment refuses the sound: the benchmark goes on without the speaker. */
async function enrolled(
  sound: Float32Array,
  model: ProtocolInput['hearing']['model'],
): Promise<Profile | null> {
  try {
    return await enroll(model, { name: NAME, sources: [fromSamples(sound)] });
  } catch (error) {
    if (isWhospeaksError(error) && error.code === 'speech-too-short') return null;
    throw error;
  }
}

/** The frames of 96 ms at whose end the enrolled speaker is told to speak; what is left at the end is no frame. */
export function framesOf(events: readonly IdentifyEvent[], samples: number): Region[] {
  const events$ = new Subject<IdentifyEvent>();
  let now: CurrentSpeaker | undefined;
  events$.pipe(currentSpeaker()).subscribe((speaker) => (now = speaker));
  const told: Region[] = [];
  let next = 0;
  for (let frame = 1; frame * FRAME_SAMPLES <= samples; frame++) {
    for (; next < events.length && toldAt(events[next]!) <= frame * FRAME_SAMPLES; next++)
      events$.next(events[next]!);
    if (now?.speaker !== NAME) continue;
    const seconds = FRAME_SAMPLES / SAMPLE_RATE_HZ;
    told.push({ startSeconds: (frame - 1) * seconds, endSeconds: frame * seconds });
  }
  return told;
}

/** How much of the stream was heard when the event came. */
function toldAt(event: IdentifyEvent): number {
  if ('atSample' in event) return event.atSample;
  return 'endSample' in event ? event.endSample : event.startSample;
}
