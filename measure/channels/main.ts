/**
 * A voice that leaks from one channel of a call into the other:
 *
 *   npm run accuracy -- --channels [--whole] [--audio DIR] [--calls N] [--docs docs/channels.md]
 *
 * Calls of two voices, both enrolled, some of whose turns overlap; each channel has noise of its own, 45 dB below the voice. Each
 * call is heard without and with `withoutCrosstalk`; with `--whole` by `diarize`, each channel alone and both together.
 */
import { parseArgs } from 'node:util';
import { lastValueFrom, toArray, type OperatorFunction } from 'rxjs';
import {
  diarize,
  enroll,
  fromFile,
  fromSamples,
  loadModel,
  SegmentationModel,
  type Profile,
  type SpeakerModel,
} from 'whospeaks';
import {
  chunks,
  Demand,
  embeddings,
  FeatureExtractor,
  features,
  Framer,
  frames,
  HELD,
  nativeFrontEnd,
  SHIFT_SAMPLES,
  track,
  windows,
  withoutCrosstalk,
  type FeatureBlock,
} from 'whospeaks/stages';
import { voicesOf, type Voice } from '../accuracy/cast.js';
import { writeFigures } from '../write-figures.js';
import { makeCall, recorded, type Call, type Leak } from './calls.js';

const TURNS = 8;
const FEWEST_UTTERANCES = 4;

const CASES: readonly (readonly [name: string, leak: Leak])[] = [
  ['none', { levelDb: null, delayMs: 0 }],
  ...[-12, -20, -30].flatMap((levelDb) =>
    [0, 5, 20].map((delayMs) => [`${levelDb} dB, ${delayMs} ms`, { levelDb, delayMs }] as const),
  ),
  ...[-12, -20].map(
    (levelDb) => [`${levelDb} dB, 5 ms, echoes of a room`, { levelDb, delayMs: 5, inRoom: true }] as const,
  ),
];

/** Fewer for whole recordings, which take several times as long. */
const WHOLE_CASES = CASES.filter(([name]) => name === 'none' || name.includes('5 ms'));

/** Somebody who is told on a channel, from one frame of 10 ms to another. */
interface Told {
  readonly channel: number;
  readonly speaker: string;
  readonly from: number;
  readonly to: number;
}

/** How a call is heard: who is told on which channel. @param gate leaks are taken out */
type Listen = (
  channels: readonly Float32Array[],
  speakers: readonly Profile[],
  gate: boolean,
) => Promise<Told[]>;

/** Frames of 10 ms, summed. */
interface Counts {
  leaked: number;
  leakedTold: number;
  own: number;
  ownLost: number;
  together: number;
  togetherLost: number;
  misnamed: number;
}

const HALVES = {
  tune: 'The half that chose them',
  report: 'The half that they were not chosen on',
} as const;

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      channels: { type: 'boolean' },
      whole: { type: 'boolean', default: false },
      audio: { type: 'string', default: '../shared/audio' },
      calls: { type: 'string', default: '8' },
      docs: { type: 'string' },
    },
  });
  const model = await loadModel();
  const segmentation = await SegmentationModel.bundled();
  const listen: Listen = (...args) =>
    values.whole ? wholeCall(model, segmentation, ...args) : liveCall(model, ...args);
  const cases = values.whole ? WHOLE_CASES : CASES;
  try {
    const parts: string[] = [];
    for (const half of ['report', 'tune'] as const) {
      const scenes = await scenesOf(model, voicesOf(values.audio, half), Number(values.calls));
      parts.push(await measured(scenes, HALVES[half], cases, listen));
    }
    const text = parts.join('\n\n');
    if (values.docs === undefined) console.log(text);
    else writeFigures(values.docs, values.whole ? 'whole channels' : 'channels', text);
  } finally {
    model.close();
    segmentation.close();
  }
}

async function scenesOf(model: SpeakerModel, half: readonly Voice[], count: number): Promise<Scene[]> {
  const voices = half.filter(({ utterances }) => utterances.length >= FEWEST_UTTERANCES);
  const scenes: Scene[] = [];
  for (let i = 0; i < count; i++) {
    const pair = [voices[(2 * i) % voices.length]!, voices[(2 * i + 1) % voices.length]!] as const;
    scenes.push(await sceneOf(model, pair, 100 + i));
  }
  return scenes;
}

async function measured(
  scenes: readonly Scene[],
  title: string,
  cases: typeof CASES,
  listen: Listen,
): Promise<string> {
  const rows: string[] = [];
  for (const [name, leak] of cases) {
    const [before, after] = [empty(), empty()];
    for (const [i, scene] of scenes.entries()) {
      const channels = recorded(scene.call, leak, 7 + i);
      for (const [counts, gate] of [
        [before, false],
        [after, true],
      ] as const) {
        add(counts, scene, await listen(channels, scene.profiles, gate));
      }
    }
    rows.push(row(name, before, after));
    process.stderr.write(`${rows.at(-1)!}\n`);
  }
  const { own, together } = scenes.reduce((sum, scene) => add(sum, scene, []), empty());
  const minutes = (frameCount: number): string => (frameCount / 6000).toFixed(1);
  return [
    `${title}: ${scenes.length} calls of two, ${minutes(own)} minutes of speech, ${minutes(together)} of them at once with the other.`,
    '',
    '| leak | leaked speech told on the wrong channel, before | after | own speech lost, before | after | where both talk, before | after | own speech under a wrong name, before | after |',
    '|---|---|---|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

interface Scene {
  readonly call: Call;
  readonly profiles: readonly Profile[];
  /** Of each side, the frames in which it speaks, as the gate hears it alone. */
  readonly speaks: readonly Uint8Array[];
}

async function sceneOf(model: SpeakerModel, voices: readonly [Voice, Voice], seed: number): Promise<Scene> {
  const call = await makeCall(voices, TURNS, seed);
  const profiles = await Promise.all(
    voices.map(({ name, enrolment }) =>
      enroll(model, { name, sources: enrolment.map((path) => fromFile(path)) }),
    ),
  );
  const alone = recorded(call, { levelDb: null, delayMs: 0 }, seed);
  return { call, profiles, speaks: alone.map(speechOf) };
}

function speechOf(samples: Float32Array): Uint8Array {
  const block = new Framer().push({ startSample: 0, samples })!;
  return new FeatureExtractor(nativeFrontEnd)
    .push(block)
    .speech.map((flag) => Number(flag !== 0 && flag !== HELD));
}

async function liveCall(
  model: SpeakerModel,
  channels: readonly Float32Array[],
  speakers: readonly Profile[],
  gate: boolean,
): Promise<Told[]> {
  const asItIs: OperatorFunction<FeatureBlock, FeatureBlock> = (blocks) => blocks;
  const demand = new Demand(8);
  const events = await lastValueFrom(
    chunks(fromSamples(channels), demand).pipe(
      frames(),
      features(nativeFrontEnd),
      gate ? withoutCrosstalk() : asItIs,
      windows(),
      embeddings(model, { demand }),
      track({ model, speakers }),
      toArray(),
    ),
  );
  return events.flatMap((event) =>
    event.type !== 'final'
      ? []
      : event.speech.map(({ startSample, endSample }) => ({
          channel: event.channel!,
          speaker: event.speaker,
          from: Math.round(startSample / SHIFT_SAMPLES),
          to: Math.round(endSample / SHIFT_SAMPLES),
        })),
  );
}

async function wholeCall(
  model: SpeakerModel,
  segmentation: SegmentationModel,
  channels: readonly Float32Array[],
  profiles: readonly Profile[],
  gate: boolean,
): Promise<Told[]> {
  const sources = channels.map((samples) => fromSamples(samples));
  const options = { profiles, segmentation } as const;
  const told = gate
    ? [await diarize(model, sources, { ...options, audio: 'channels' })]
    : await Promise.all(sources.map((source) => diarize(model, source, options)));
  const toFrames = (seconds: number): number => Math.round(100 * seconds);
  return told.flatMap(({ segments }, index) =>
    segments.map(({ channel = index, speaker, start, end }) => ({
      channel,
      speaker,
      from: toFrames(start),
      to: toFrames(end),
    })),
  );
}

function add(counts: Counts, { call, speaks }: Scene, all: readonly Told[]): Counts {
  for (const [side, own] of speaks.entries()) {
    const other = speaks[1 - side]!;
    const told = new Array<string | undefined>(own.length);
    for (const { channel, speaker, from, to } of all) if (channel === side) told.fill(speaker, from, to);
    for (let frame = 0; frame < own.length; frame++) {
      const name = told[frame];
      if (own[frame] === 1) {
        counts.own++;
        if (name === undefined) counts.ownLost++;
        else if (name !== call.names[side]) counts.misnamed++;
        if (other[frame] === 1) {
          counts.together++;
          if (name === undefined) counts.togetherLost++;
        }
      } else if (other[frame] === 1) {
        counts.leaked++;
        if (name !== undefined) counts.leakedTold++;
      }
    }
  }
  return counts;
}

function empty(): Counts {
  return { leaked: 0, leakedTold: 0, own: 0, ownLost: 0, together: 0, togetherLost: 0, misnamed: 0 };
}

function row(name: string, before: Counts, after: Counts): string {
  const cells = (
    [
      ['leakedTold', 'leaked'],
      ['ownLost', 'own'],
      ['togetherLost', 'together'],
      ['misnamed', 'own'],
    ] as const
  ).flatMap(([part, whole]) =>
    [before, after].map((counts) => `${((100 * counts[part]) / counts[whole]).toFixed(1)} %`),
  );
  return `| ${[name, ...cells].join(' | ')} |`;
}
