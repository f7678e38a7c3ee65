import { dot, steps, type Baseline } from './baseline.js';

export interface BestCosineParameters {
  readonly threshold: number;
}

/**
 * The search is sherpa-onnx's; that each window is searched for is ours, and kinder to it than one embedding for each stretch of
 * speech, as its examples have it, which may hold several people. One embedding a speaker; a window is the speaker's with the best cosine, where that reaches
 * the threshold.
 */
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
