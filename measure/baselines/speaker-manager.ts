import { dot, type Baseline } from './baseline.js';

export interface SpeakerManagerParameters {
  /** Cosine distance below which a window is an existing speaker's. */
  readonly speakerThreshold: number;
  /** Cosine distance below which it also moves that speaker's embedding. */
  readonly embeddingThreshold: number;
  /** Speech that a new speaker takes, seconds. */
  readonly minSpeechSeconds: number;
  /** Speech that an update takes, seconds. */
  readonly minUpdateSeconds: number;
}

/** Weight of the embedding that is there already, in an update. */
const ALPHA = 0.9;

const grid: SpeakerManagerParameters[] = [];
for (let s = 0.3; s < 1.01; s += 0.05) {
  for (const embeddingThreshold of [0.3, 0.45]) {
    for (const minSpeechSeconds of [0.5, 1]) {
      for (const minUpdateSeconds of [1, 2]) {
        grid.push({
          speakerThreshold: Number(s.toFixed(2)),
          embeddingThreshold,
          minSpeechSeconds,
          minUpdateSeconds,
        });
      }
    }
  }
}

/**
 * FluidAudio's SpeakerManager as its documentation describes it: the closest speaker within the threshold,
 * else a new one; sure and long speech moves the speaker's embedding (exponential moving average, alpha 0.9),
 * the enrolled ones' too. Its code also keeps the last fifty embeddings, whose mean an update starts from; its documentation
 * does not say so, and neither do we.
 */
export const speakerManager: Baseline<SpeakerManagerParameters> = {
  name: 'speaker manager',
  source: "FluidAudio, SpeakerManager's documentation",
  grid,
  create(speakers, { speakerThreshold, embeddingThreshold, minSpeechSeconds, minUpdateSeconds }) {
    const known: { name: string; embedding: Float32Array }[] = speakers.map(({ name, centroid }) => ({
      name,
      embedding: centroid,
    }));
    let minted = 0;
    return {
      label(embedding, _ratio, speechSeconds) {
        let closest = known[0];
        let distance = Infinity;
        for (const speaker of known) {
          const here = 1 - dot(embedding, speaker.embedding);
          if (here >= distance) continue;
          distance = here;
          closest = speaker;
        }
        if (closest !== undefined && distance < speakerThreshold) {
          if (distance < embeddingThreshold && speechSeconds >= minUpdateSeconds) {
            closest.embedding = unit(
              closest.embedding.map((x, i) => ALPHA * x + (1 - ALPHA) * embedding[i]!),
            );
          }
          return closest.name;
        }
        if (speechSeconds < minSpeechSeconds) return null;
        const name = `unknown-${++minted}`;
        known.push({ name, embedding: Float32Array.from(embedding) });
        return name;
      },
    };
  },
};

function unit(vector: Float32Array): Float32Array {
  const norm = Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0));
  return vector.map((x) => x / norm);
}
