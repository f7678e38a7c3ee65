/**
 * Open-set identification: is a recording's voice on a watchlist, and whose is it? Lists as VoxBlink2 publishes them: `gallery` and
 * `probe`, lines `RECORDING LABEL`; a probe whose label the gallery has not is a stranger's. A speaker is enrolled as the mean of
 * the embeddings of the gallery's recordings, and scored by cosine, and by that after AS-norm with the model's cohort.
 *
 * False positive identification rate (FPIR): the share of strangers who are found on the list. False negative identification rate
 * (FNIR): the share of those on it who are not found, or as somebody else. A smaller watchlist is the gallery's first speakers;
 * probes of the others are left out, so that the strangers are the same.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { equalErrorRate } from 'whospeaks/evaluate';
import { asNorm, Cohort, type CohortStats } from '../../src/scoring/cohort.js';
import { addScaled, dot, unit } from '../../src/vectors.js';
import { table } from '../accuracy/table.js';
import { hearWhole } from './hearing.js';
import type { ProtocolInput } from './main.js';

const FALSE_POSITIVE_RATES = [0.1, 0.05, 0.01, 0.001] as const;
const AUDIO = ['', '.wav', '.flac', '.mp3', '.opus', '.ogg', '.m4a'];

/** A recording of a list. */
export interface Entry {
  readonly recording: string;
  readonly label: string;
}

/** The best of a watchlist for one probe. */
export interface Search {
  readonly score: number;
  /** Whether the probe's speaker is on the list; if so, whether the best is that speaker. */
  readonly is: 'found' | 'another' | 'stranger';
}

export interface OpenSetFigures {
  /** By `FALSE_POSITIVE_RATES`. */
  readonly falseNegative: readonly number[];
  /** Where as many of the listed are missed as strangers are found, whoever they are taken for. */
  readonly equalErrorRate: number;
}

export async function openSet({ folder, hearing, options }: ProtocolInput): Promise<string> {
  const gallery = readList(join(folder, 'gallery'));
  const probes = readList(join(folder, 'probe')).filter((_, i) => i % options.every === 0);
  const audio = options.audio ?? folder;
  const embeddings = new Map<string, Float32Array>();
  const heard = async (recording: string): Promise<Float32Array> => {
    const known = embeddings.get(recording);
    if (known !== undefined) return known;
    const made = await hearWhole(soundOf(audio, recording), hearing);
    embeddings.set(recording, made);
    if (embeddings.size % 500 === 0) process.stderr.write(`${embeddings.size} recordings heard\n`);
    return made;
  };
  const sums = new Map<string, Float32Array>();
  for (const { recording, label } of gallery) {
    const sum = sums.get(label) ?? new Float32Array(hearing.model.dimension);
    addScaled(sum, await heard(recording), 1);
    sums.set(label, sum);
  }
  const enrolled = new Map([...sums].map(([label, sum]) => [label, unit(sum)]));
  for (const { recording } of probes) await heard(recording);
  const cohort = hearing.model.cohort ? new Cohort(hearing.model.cohort) : null;
  const rows: string[][] = [];
  for (const size of sizesOf(options.sizes, enrolled.size)) {
    const list = new Map([...enrolled].slice(0, size));
    const asked = probes.filter(({ label }) => list.has(label) || !enrolled.has(label));
    for (const scoring of cohort === null ? ['cosine'] : ['cosine', 'AS-norm']) {
      const searches = searchAll(asked, list, embeddings, scoring === 'cosine' ? null : cohort);
      const { falseNegative, equalErrorRate: equal } = figuresOf(searches);
      const strangers = searches.filter(({ is }) => is === 'stranger').length;
      rows.push([
        String(size),
        scoring,
        `${searches.length - strangers} + ${strangers}`,
        ...falseNegative.map(percent),
        percent(equal),
      ]);
    }
  }
  const head = FALSE_POSITIVE_RATES.map((rate) => `FNIR at FPIR ${100 * rate} %`);
  return table(['watchlist', 'scores', 'probes: listed + strangers', ...head, 'EER of detection'], rows);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

/** Lines `RECORDING LABEL`. */
export function readList(path: string): Entry[] {
  const lines = readFileSync(path, 'utf8').split(/\r?\n/);
  const entries = lines.flatMap((line, i) => {
    const fields = line.split(/\s+/).filter((field) => field !== '');
    if (fields.length === 0) return [];
    if (fields.length !== 2) throw new Error(`${path}, line ${i + 1}: expected a recording and a label`);
    return [{ recording: fields[0]!, label: fields[1]! }];
  });
  if (entries.length === 0) throw new Error(`${path} names no recording`);
  return entries;
}

function soundOf(folder: string, recording: string): string {
  const path = AUDIO.map((ending) => join(folder, recording + ending)).find(existsSync);
  if (path === undefined) throw new Error(`no such recording: ${join(folder, recording)} (wav, flac, ...)`);
  return path;
}

function sizesOf(text: string | undefined, all: number): number[] {
  const sizes = text === undefined ? [all] : text.split(',').map(Number);
  const bad = sizes.find((size) => !(Number.isInteger(size) && size >= 1 && size <= all));
  if (bad !== undefined)
    throw new Error(`--sizes ${text}: expected numbers from 1 to ${all}, who are enrolled`);
  return sizes;
}

function searchAll(
  probes: readonly Entry[],
  list: ReadonlyMap<string, Float32Array>,
  embeddings: ReadonlyMap<string, Float32Array>,
  cohort: Cohort | null,
): Search[] {
  const stats = new Map([...list].map(([label, vector]) => [label, cohort?.stats(vector)]));
  return probes.map(({ recording, label }): Search => {
    const probe = embeddings.get(recording)!;
    const own = cohort?.stats(probe);
    let best = { score: -Infinity, label: '' };
    for (const [other, vector] of list) {
      const cosine = dot(probe, vector);
      const score = own === undefined ? cosine : asNorm(cosine, stats.get(other) as CohortStats, own);
      if (score > best.score) best = { score, label: other };
    }
    return {
      score: best.score,
      is: !list.has(label) ? 'stranger' : best.label === label ? 'found' : 'another',
    };
  });
}

/** What a list of searches is worth. Both listed speakers and strangers must be among them. */
export function figuresOf(searches: readonly Search[]): OpenSetFigures {
  const strangers = searches.filter(({ is }) => is === 'stranger').map(({ score }) => score);
  const listed = searches.filter(({ is }) => is !== 'stranger');
  if (strangers.length === 0 || listed.length === 0)
    throw new Error('the probes must hold speakers of the gallery, and others');
  const fromHighest = [...strangers].sort((a, b) => b - a);
  return {
    falseNegative: FALSE_POSITIVE_RATES.map((rate) => {
      // So many strangers may be found; the next one must not be.
      const limit = fromHighest[Math.floor(rate * strangers.length + 1e-9)] ?? -Infinity;
      return 1 - listed.filter(({ is, score }) => is === 'found' && score > limit).length / listed.length;
    }),
    equalErrorRate: equalErrorRate({ targets: listed.map(({ score }) => score), impostors: strangers }).rate,
  };
}
