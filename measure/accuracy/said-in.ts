import { SAMPLE_RATE_HZ } from 'whospeaks/stages';
import { EvidencePool } from '../../src/turns/evidence-pool.js';
import { SpeechTrack } from '../../src/fbank/speech-track.js';
import type { Recording } from './recordings.js';

/** The speech of a turn: its direction, L2-normalised, and its net duration. */
export interface Said {
  readonly direction: Float32Array;
  readonly seconds: number;
}

const MIN_TURN_SECONDS = 1;

/** The turns of each person, cut at their true edges: what the windows inside say, and the speech. */
export function saidIn({ windows, turns, seconds }: Recording): Map<string, Said[]> {
  const track = new SpeechTrack(Math.ceil(seconds * 100) + 100);
  for (const { step } of windows) track.append(step);
  const said = new Map<string, Said[]>();
  for (const { speaker, startSeconds, endSeconds } of turns) {
    const from = Math.round(startSeconds * SAMPLE_RATE_HZ);
    const to = Math.round(endSeconds * SAMPLE_RATE_HZ);
    const pool = new EvidencePool(track);
    for (const { startSample, endSample, embedding } of windows) {
      if (embedding !== null && startSample < to && endSample > from)
        pool.add(startSample, endSample, embedding);
    }
    const pooled = pool.pooled(from, to);
    const speech = track.speechFrames(from, to) / 100;
    if (pooled === null || speech < MIN_TURN_SECONDS) continue;
    said.set(speaker, [...(said.get(speaker) ?? []), { direction: pooled.direction, seconds: speech }]);
  }
  return said;
}
