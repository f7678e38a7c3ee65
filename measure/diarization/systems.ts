import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastValueFrom, toArray } from 'rxjs';
import { fromFile, identify, type Profile, type SpeakerModel } from 'whospeaks';
import { turnsOfEvents, type Turn } from 'whospeaks/evaluate';
import { Breather } from '../../src/clustering/breather.js';
import { clusterVoices } from '../../src/clustering/cluster-voices.js';
import { hearRecording } from '../../src/clustering/hear-recording.js';
import type { HeardRecording } from '../../src/clustering/recording-listener.js';
import { reconstruct } from '../../src/clustering/reconstruct.js';
import type { DiarizationSettings } from '../../src/clustering/settings.js';
import { diarize } from '../../src/diarize.js';
import { readModel, resolveModel } from '../../src/model/index.js';
import { SegmentationModel } from '../../src/native/segmentation-model.js';
import type { Cache } from '../accuracy/embed.js';
import { toOnnx } from '../speed/onnx-model.js';
import type { Reference } from './recordings.js';
import type { Answer } from './score.js';

/** Settings that what is heard depends on; with the others alone changed, recordings need not be heard again. */
const HEARING = ['stepFrames', 'soloSeconds', 'minSeconds', 'splitGapSeconds', 'partSeconds'] as const;

/** What is heard changes with these. */
export const HEARING_CODE = [
  'src/clustering/hear-recording.ts',
  'src/clustering/feature-columns.ts',
  'src/clustering/local-speakers.ts',
  'src/native/masked-embedder.ts',
];

/** What both networks hear of recordings, kept by the sound's path and the networks. */
export async function hearAll(
  references: readonly Reference[],
  model: SpeakerModel,
  settings: DiarizationSettings,
  cache: Cache,
  code: string,
): Promise<HeardRecording[]> {
  const segmenter = await SegmentationModel.bundled();
  const embedder = await model.maskedEmbedder();
  try {
    const heard: HeardRecording[] = [];
    for (const { path } of references) {
      const sound = createHash('sha256').update(readFileSync(path)).digest('hex');
      const key = [
        'heard',
        code,
        model.fingerprint,
        segmenter.fingerprint,
        sound,
        ...HEARING.map((name) => settings[name]),
      ];
      heard.push(
        await cache.get(key, () => hearRecording(fromFile(path), { embedder, segmenter }, { settings })),
      );
    }
    return heard;
  } finally {
    segmenter.close();
    embedder.close();
  }
}

/** Our pipeline from what was heard on. */
export async function diarizeHeard(
  references: readonly Reference[],
  heard: readonly HeardRecording[],
  model: SpeakerModel,
  settings: DiarizationSettings,
  {
    count = () => ({ least: 1, most: 1000 }),
    profiles = [],
  }: {
    readonly count?: (reference: Reference) => { least: number; most: number };
    readonly profiles?: readonly Profile[];
  } = {},
): Promise<Answer[]> {
  const answers: Answer[] = [];
  const breather = new Breather();
  for (const [i, reference] of references.entries()) {
    const options = { model, profiles, ...count(reference), settings, breather };
    const clustered = await clusterVoices(heard[i]!, options);
    const turns = (await reconstruct(heard[i]!, clustered, settings, breather)).map(
      ({ speaker, start, end }) => ({
        startSeconds: start,
        endSeconds: end,
        speaker: clustered.speakers[speaker]!.profile?.name ?? `unknown-${speaker + 1}`,
      }),
    );
    answers.push({ reference, turns });
  }
  return answers;
}

/** For a system that is told how many speak. */
export function trueCount({ turns }: Reference): { least: number; most: number } {
  const speakers = new Set(turns.map(({ speaker }) => speaker)).size;
  return { least: speakers, most: speakers };
}

/** The segmentation network's weights in float, as another ONNX file. */
export function floatFile(python: string, int8: string): string {
  const target = join(mkdtempSync(join(tmpdir(), 'whospeaks-segmentation-')), 'segmentation.onnx');
  execFileSync(python, [join(import.meta.dirname, 'float_segmentation.py'), int8, target]);
  return target;
}

/** Seconds of sound in a second of work, both networks and all that follows, the networks loaded. */
export async function timesRealTime(
  references: readonly Reference[],
  model: SpeakerModel,
  threads?: number,
): Promise<number> {
  const segmentation = await SegmentationModel.bundled(threads === undefined ? {} : { threads });
  try {
    let sound = 0;
    const since = performance.now();
    for (const { path } of references)
      sound += (await diarize(model, fromFile(path), { segmentation })).duration;
    return sound / ((performance.now() - since) / 1000);
  } finally {
    segmentation.close();
  }
}

/** The live tracker on the same files, nobody enrolled. */
export async function listen(references: readonly Reference[], model: SpeakerModel): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const reference of references) {
    const events = await lastValueFrom(identify(fromFile(reference.path), { model }).pipe(toArray()));
    answers.push({
      reference,
      turns: turnsOfEvents(events, { corrected: true, others: true, speech: true }),
    });
  }
  return answers;
}

export interface SherpaRun {
  readonly answers: readonly Answer[];
  readonly workSeconds: number;
  readonly soundSeconds: number;
  readonly peakMiB: number;
  readonly version: string;
}

/** sherpa-onnx with the same two networks. `python` has the packages of requirements.txt. */
export async function sherpa(
  references: readonly Reference[],
  {
    python,
    segmentation,
    modelName,
    threads,
    within = [],
  }: {
    python: string;
    segmentation: string;
    modelName?: string | undefined;
    threads: number;
    /** A command that runs another, with its arguments. */
    within?: readonly string[];
  },
): Promise<SherpaRun> {
  const scratch = mkdtempSync(join(tmpdir(), 'whospeaks-sherpa-'));
  try {
    const embedding = join(scratch, 'embedding.onnx');
    writeFileSync(embedding, toOnnx(await readModel(await resolveModel(modelName))));
    const script = join(import.meta.dirname, 'sherpa.py');
    const paths = references.map(({ path }) => path);
    const [command, ...rest] = [
      ...within,
      python,
      script,
      segmentation,
      embedding,
      String(threads),
      ...paths,
    ];
    const out = execFileSync(command!, rest, {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const { files, peakMiB, version } = JSON.parse(out) as {
      files: { workSeconds: number; seconds: number; turns: Turn[] }[];
      peakMiB: number;
      version: string;
    };
    return {
      // In the order of the paths: files of two meetings may have one name.
      answers: references.map((reference, i) => ({ reference, turns: files[i]!.turns })),
      workSeconds: files.reduce((sum, file) => sum + file.workSeconds, 0),
      soundSeconds: files.reduce((sum, file) => sum + file.seconds, 0),
      peakMiB,
      version,
    };
  } finally {
    rmSync(scratch, { recursive: true });
  }
}
