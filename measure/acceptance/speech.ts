import { fromFile, readAll } from 'whospeaks';
import { SAMPLE_RATE_HZ } from 'whospeaks/stages';
import { Random, type Turn } from 'whospeaks/evaluate';
import { speechRegions } from '../../src/evaluate/simulate/level.js';

export interface Conversation {
  /** Mono 16 kHz. */
  readonly samples: Float32Array;
  /** Who said what where. */
  readonly turns: readonly Turn[];
}

/** A recording without what comes before and after the speech, as the simulator sees it. */
export function trimmed(samples: Float32Array): Float32Array {
  const regions = speechRegions(samples);
  const at = (seconds: number): number => Math.round(seconds * SAMPLE_RATE_HZ);
  return samples.slice(at(regions[0]?.startSeconds ?? 0), at(regions.at(-1)?.endSeconds ?? 0));
}

/**
 * One utterance after the other in seeded random order, never the same speaker twice running where that
 * can be helped, with pauses of 0.3 to 1.5 s of faint noise, until `seconds` are full.
 */
export async function converse(
  utterances: readonly { speaker: string; file: string }[],
  options: { seconds: number; seed: number },
): Promise<Conversation> {
  const random = new Random(options.seed);
  const waiting = [...utterances];
  const parts: Float32Array[] = [];
  const turns: Turn[] = [];
  let atSamples = 0;
  let previous = '';
  while (waiting.length > 0 && atSamples < options.seconds * SAMPLE_RATE_HZ) {
    const others = waiting.filter(({ speaker }) => speaker !== previous);
    const choice = others.length > 0 ? others : waiting;
    const next = choice[Math.floor(random.next() * choice.length)]!;
    waiting.splice(waiting.indexOf(next), 1);
    const pause = Math.round((0.3 + 1.2 * random.next()) * SAMPLE_RATE_HZ);
    const speech = trimmed(await readAll(fromFile(next.file)));
    parts.push(new Float32Array(pause), speech);
    const start = atSamples + pause;
    turns.push({
      startSeconds: start / SAMPLE_RATE_HZ,
      endSeconds: (start + speech.length) / SAMPLE_RATE_HZ,
      speaker: next.speaker,
    });
    atSamples = start + speech.length;
    previous = next.speaker;
  }
  const samples = new Float32Array(atSamples);
  let at = 0;
  for (const part of parts) {
    samples.set(part, at);
    at += part.length;
  }
  // Pauses of digital silence would make the speech gate's work too easy.
  for (let i = 0; i < samples.length; i++) samples[i]! += (random.next() - 0.5) * 6e-4;
  return { samples, turns };
}
