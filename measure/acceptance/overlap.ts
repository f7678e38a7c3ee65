import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromFile, readAll, type FinalEvent } from 'whospeaks';
import { SAMPLE_RATE_HZ } from 'whospeaks/stages';
import { wavBytes } from 'whospeaks/evaluate';
import { castFrom } from './cast.js';
import { percent, type AcceptPart } from './context.js';
import { listen } from './listen.js';
import { trimmed } from './speech.js';

const PAIRS = 24;
const PAUSE_SECONDS = 1.5;

interface Stretch {
  readonly speakers: readonly string[];
  readonly startSample: number;
  readonly endSample: number;
}

/** Utterances of two enrolled LibriSpeech speakers at once, at one level, and each alone: is the overlap told? */
export const overlap: AcceptPart = async ({ audio, scratch }) => {
  const cast = castFrom(audio);
  const said = cast.utterances.filter(({ speaker }) => speaker.startsWith('l'));
  const speakers = [...new Set(said.map(({ speaker }) => speaker))];
  const of = (speaker: string) => said.filter((utterance) => utterance.speaker === speaker);
  const parts: Float32Array[] = [];
  const stretches: Stretch[] = [];
  let at = 0;
  const add = (names: readonly string[], sound: Float32Array): void => {
    const pause = new Float32Array(PAUSE_SECONDS * SAMPLE_RATE_HZ);
    parts.push(sound, pause);
    stretches.push({ speakers: names, startSample: at, endSample: at + sound.length });
    at += sound.length + pause.length;
  };
  for (let i = 0; i < PAIRS; i++) {
    const a = speakers[i % speakers.length]!;
    const b =
      speakers[(i + 1 + (Math.floor(i / speakers.length) % (speakers.length - 1))) % speakers.length]!;
    const [one, other] = await Promise.all([a, b].map((name) => sound(of(name)[i % of(name).length]!.file)));
    const length = Math.min(one!.length, other!.length);
    add(
      [a, b],
      one!.subarray(0, length).map((x, k) => x + other![k]!),
    );
    add([a], one!.subarray(0, length));
  }
  const samples = new Float32Array(at);
  parts.reduce((to, part) => (samples.set(part, to), to + part.length), 0);
  const path = join(scratch, 'overlap.wav');
  writeFileSync(path, wavBytes(samples));
  const { events } = await listen([path, ...cast.enroll.slice(0, 2 * speakers.length)]).done;
  const finals = events.filter((event) => event.type === 'final');
  const two = count(
    stretches.filter((stretch) => stretch.speakers.length === 2),
    finals,
  );
  const one = count(
    stretches.filter((stretch) => stretch.speakers.length === 1),
    finals,
  );
  console.log(`${PAIRS} mixtures of two enrolled speakers at one level, and as many of one alone`);
  console.log('| | seconds told | said to overlap | one of them named | both named |\n|---|---|---|---|---|');
  console.log(`| two at once | ${row(two)} |`);
  console.log(`| one alone | ${row(one)} |`);
  return undefined;
};

/** At a mean power of 0.01. */
async function sound(file: string): Promise<Float32Array> {
  const speech = trimmed(await readAll(fromFile(file)));
  const power = speech.reduce((sum, x) => sum + x * x, 0) / speech.length;
  return speech.map((x) => x * Math.sqrt(0.01 / power) * 0.5);
}

interface Counts {
  told: number;
  flagged: number;
  right: number;
  both: number;
}

/** Samples of the stretches by what the finals say of them. */
function count(stretches: readonly Stretch[], finals: readonly FinalEvent[]): Counts {
  const counts: Counts = { told: 0, flagged: 0, right: 0, both: 0 };
  for (const { speakers, startSample, endSample } of stretches) {
    for (const turn of finals) {
      const length = Math.min(endSample, turn.endSample) - Math.max(startSample, turn.startSample);
      if (length <= 0) continue;
      counts.told += length;
      if (turn.overlap) counts.flagged += length;
      if (speakers.includes(turn.speaker)) counts.right += length;
      const named = [turn.speaker, ...turn.others];
      if (speakers.length === 2 && speakers.every((name) => named.includes(name))) counts.both += length;
    }
  }
  return counts;
}

function row({ told, flagged, right, both }: Counts): string {
  const share = (samples: number): string => percent(samples / told);
  return `${(told / SAMPLE_RATE_HZ).toFixed(0)} s | ${share(flagged)} | ${share(right)} | ${share(both)}`;
}
