import { dot, steps, type Baseline } from './baseline.js';

export interface BestCosineParameters {
  readonly threshold: number;
}

/** One embedding a speaker; a window is the speaker's with the best cosine, where that reaches the threshold. */
export const bestCosine: Baseline<BestCosineParameters> = {
  name: 'best cosine over a threshold',
  source: 'sherpa-onnx, SpeakerEmbeddingManager::Search',
  grid: steps(0.1, 0.9, 0.02).map((threshold) => ({ threshold })),
  create: (speakers, { threshold }) => ({
    label(embedding) {
      let best = 'unknown';
      let bestScore = threshold;
      for (const { name, centroid } of speakers) {
        const score = dot(embedding, centroid);
        if (score < bestScore) continue;
        bestScore = score;
        best = name;
      }
      return best;
    },
  }),
};
