import { z } from 'zod';
import { WhospeaksError } from '../../errors.js';
import { parseOptions } from '../../options.js';
import { joinRegions, type Region, type Turn } from '../turns.js';
import { Convolver } from '../../acoustics/convolve.js';
import { powerWithin, speechRegions } from './level.js';
import { background } from './noise.js';
import { planConversation, type Placed } from './plan.js';
import { gainOf, meanPower } from '../../acoustics/power.js';
import { Random } from '../../acoustics/random.js';
import { impulseResponse, randomPlace, randomRoom, type Point, type Room } from '../../acoustics/room.js';
import { telephone } from '../../acoustics/telephone.js';
import { SAMPLE_RATE_HZ } from '../../stream/geometry.js';

/** Speech level before the differences between people, dB below full scale. */
const SPEECH_LEVEL_DB = -26;
/** Even a quiet room has noise; relative to the speech. */
const QUIET_SNR_DB = 60;
const FADE_SAMPLES = SAMPLE_RATE_HZ / 100;

const probability = z.number().min(0).max(1);
const range = (low: number, high: number) =>
  z
    .tuple([z.number().min(low).max(high), z.number().min(low).max(high)])
    .refine(([a, b]) => a <= b, 'expected the lower bound first');

const schema = z.strictObject({
  utterances: z
    .array(
      z.strictObject({
        speaker: z.string().min(1),
        name: z.string(),
        samples: z.custom<Float32Array>((value) => value instanceof Float32Array, 'expected a Float32Array'),
      }),
    )
    .min(1, { error: 'expected at least one utterance' }),
  seed: z.number().int(),
  seconds: z.number().positive().default(120),
  snrDb: z.number().min(-20).max(100).optional(),
  noise: z.array(z.custom<Float32Array>((value) => value instanceof Float32Array)).default([]),
  t60Seconds: range(0.1, 2).optional(),
  levelSpreadDb: z.number().min(0).max(40).default(8),
  telephone: z.boolean().default(false),
  continueProbability: probability.default(0.35),
  interruptProbability: probability.default(0.08),
  overlapProbability: probability.default(0.12),
  pauseSeconds: range(0, 60).default([0.2, 1.2]),
});

/** One recording of one voice, clean, mono 16 kHz, -1 to 1. */
export interface Utterance {
  readonly speaker: string;
  /** For the record of what was used, such as its file name. */
  readonly name: string;
  readonly samples: Float32Array;
}

export interface SimulateOptions {
  readonly utterances: readonly Utterance[];
  /** The same seed and utterances give the same conversation, to the sample. */
  readonly seed: number;
  /** No utterance ends later; the conversation is shorter where the utterances run out. Default 120. */
  readonly seconds?: number;
  /** Power of the speech, where there is some, over that of the noise, dB. Default: a quiet room, 60 dB. */
  readonly snrDb?: number;
  /** Clips for the background, mono 16 kHz; white noise where there are none. */
  readonly noise?: readonly Float32Array[];
  /** Range of the reverberation time of a simulated room; without it, no room. */
  readonly t60Seconds?: readonly [low: number, high: number];
  /** From the quietest to the loudest person, dB; default 8. */
  readonly levelSpreadDb?: number;
  /** Through a telephone: 300 to 3400 Hz, 8 kHz, mu-law. */
  readonly telephone?: boolean;
  /** See `Manners`. Defaults 0.35, 0.08, 0.12, 0.2 to 1.2 s. */
  readonly continueProbability?: number;
  readonly interruptProbability?: number;
  readonly overlapProbability?: number;
  readonly pauseSeconds?: readonly [low: number, high: number];
}

/** Everything that was drawn, for the record; plain JSON. */
export interface Conditions {
  readonly seed: number;
  readonly seconds: number;
  readonly snrDb: number;
  readonly telephone: boolean;
  readonly room: Room | null;
  readonly speakers: readonly { speaker: string; levelDb: number; place: Point | null }[];
  readonly utterances: readonly {
    speaker: string;
    name: string;
    entry: string;
    startSeconds: number;
    endSeconds: number;
  }[];
}

export interface SimulatedConversation {
  /** Mono 16 kHz. */
  readonly samples: Float32Array;
  /** Who speaks when, in order of start; pauses of 0.3 s and more inside an utterance are not speech. */
  readonly turns: readonly Turn[];
  readonly conditions: Conditions;
}

interface Clip extends Utterance {
  readonly durationSeconds: number;
  readonly regions: readonly Region[];
}

/**
 * A conversation with an exact reference, made of utterances of single voices: pauses, interruptions,
 * people who talk at once, who are louder or quieter, in a room, over noise, on the telephone. Pure and seeded.
 * @throws WhospeaksError `invalid-option`; `audio-empty` where an utterance holds no sound
 */
export function simulate(options: SimulateOptions): SimulatedConversation {
  const { utterances, seed, seconds, noise, t60Seconds, levelSpreadDb, ...rest } = parseOptions(
    'simulate',
    schema,
    options,
  );
  const random = new Random(seed);
  const snrDb = rest.snrDb ?? QUIET_SNR_DB;
  const room = t60Seconds === undefined ? null : randomRoom(random, t60Seconds);
  const speakers = [...new Set(utterances.map(({ speaker }) => speaker))].map((speaker) => {
    const levelDb = random.between(-levelSpreadDb / 2, levelSpreadDb / 2);
    const place = room && randomPlace(random, room);
    return { speaker, levelDb, place, echo: room && place && new Convolver(impulseResponse(room, place)) };
  });
  const plan = planConversation(utterances.map(trimmed), seconds, rest, random);
  const length = Math.max(...plan.map(({ endSeconds }) => endSeconds)) + 0.5;
  const speech = new Float32Array(Math.ceil(length * SAMPLE_RATE_HZ));
  for (const placed of plan) {
    const voice = speakers.find(({ speaker }) => speaker === placed.utterance.speaker)!;
    add(speech, placed, gainOf(voice.levelDb), voice.echo);
  }
  const turns = plan.flatMap(turnsOf).sort((a, b) => a.startSeconds - b.startSeconds);
  const floor = Math.sqrt(powerWithin(speech, joinRegions(turns))) * gainOf(-snrDb);
  background(noise, speech.length, random).forEach((x, i) => (speech[i]! += floor * x));
  return {
    samples: rest.telephone ? telephone(speech) : speech,
    turns,
    conditions: {
      seed,
      seconds: speech.length / SAMPLE_RATE_HZ,
      snrDb,
      telephone: rest.telephone,
      room,
      speakers: speakers.map(({ speaker, levelDb, place }) => ({ speaker, levelDb, place })),
      utterances: plan.map(({ utterance: { speaker, name }, entry, startSeconds, endSeconds }) => ({
        speaker,
        name,
        entry,
        startSeconds,
        endSeconds,
      })),
    },
  };
}

/** Without the silence at its two ends, and at the common level. */
function trimmed({ speaker, name, samples }: Utterance): Clip {
  const regions = speechRegions(samples);
  const startSeconds = regions[0]?.startSeconds;
  if (startSeconds === undefined) {
    throw new WhospeaksError('audio-empty', `simulate: "${name}" holds no sound; leave it out`);
  }
  const endSeconds = regions.at(-1)!.endSeconds;
  const gain = gainOf(SPEECH_LEVEL_DB) / Math.sqrt(powerWithin(samples, regions));
  return {
    speaker,
    name,
    samples: samples
      .slice(Math.round(startSeconds * SAMPLE_RATE_HZ), Math.round(endSeconds * SAMPLE_RATE_HZ))
      .map((x) => x * gain),
    durationSeconds: endSeconds - startSeconds,
    regions: regions.map((r) => ({
      startSeconds: r.startSeconds - startSeconds,
      endSeconds: r.endSeconds - startSeconds,
    })),
  };
}

function add(
  speech: Float32Array,
  { utterance, startSeconds, endSeconds }: Placed<Clip>,
  gain: number,
  echo: Convolver | null,
): void {
  const dry = utterance.samples.slice(0, Math.round((endSeconds - startSeconds) * SAMPLE_RATE_HZ));
  // Who is interrupted does not end with a click.
  for (let i = 0; i < Math.min(FADE_SAMPLES, dry.length); i++) dry[dry.length - 1 - i]! *= i / FADE_SAMPLES;
  const wet = echo ? echo.apply(dry) : dry;
  // A room makes nobody louder: only the levels that were asked for differ.
  const scale = gain * (echo ? Math.sqrt(meanPower(dry) / meanPower(wet.subarray(0, dry.length))) : 1);
  const at = Math.round(startSeconds * SAMPLE_RATE_HZ);
  const end = Math.min(wet.length, speech.length - at);
  for (let i = 0; i < end; i++) speech[at + i]! += scale * wet[i]!;
}

function turnsOf({ utterance, startSeconds, endSeconds }: Placed<Clip>): Turn[] {
  return utterance.regions
    .map((region) => ({
      startSeconds: startSeconds + region.startSeconds,
      endSeconds: Math.min(startSeconds + region.endSeconds, endSeconds),
      speaker: utterance.speaker,
    }))
    .filter((turn) => turn.endSeconds > turn.startSeconds);
}
