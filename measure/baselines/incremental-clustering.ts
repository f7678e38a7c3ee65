import { dot, steps, type Baseline } from './baseline.js';

export interface ClusteringParameters {
  /** Windows that an enrolled voice counts for in its sum; diart's own centroids begin with one. */
  readonly enrolledWindows: number;
  /** A window with a smaller share of speech is nobody's (diart asks it of the greatest activation, which we do not have). */
  readonly tau: number;
  /** A window with a smaller share of speech neither moves a centroid nor makes one. */
  readonly rho: number;
  /** Cosine distance to the nearest centroid beyond which a new one is made. */
  readonly delta: number;
}

const MAX_SPEAKERS = 20;

/**
 * Incremental clustering (Coria et al. 2021, doi 10.1109/ASRU51503.2021.9688044, section 2.3, and diart's
 * `OnlineSpeakerClustering`), one local speaker a window, which is shorter than diart's 5 s: centroids are sums of what was assigned to them,
 * started from the enrolled voices.
 */
export const incrementalClustering: Baseline<ClusteringParameters> = {
  name: 'incremental clustering',
  source: 'diart, OnlineSpeakerClustering with named centroids',
  grid: [1, 4, 10].flatMap((enrolledWindows) =>
    [0.3, 0.5].flatMap((tau) =>
      [0.5, 0.8].flatMap((rho) =>
        steps(0.3, 1.1, 0.05).map((delta) => ({ enrolledWindows, tau, rho, delta })),
      ),
    ),
  ),
  create(speakers, { enrolledWindows, tau, rho, delta }) {
    const centres = speakers.map(({ name, centroid }) => ({
      name,
      sum: Float32Array.from(centroid, (x) => enrolledWindows * x),
      norm: enrolledWindows,
    }));
    let minted = 0;
    const most = Math.max(MAX_SPEAKERS, speakers.length + 5);
    return {
      label(embedding, speechRatio) {
        if (speechRatio < tau) return null;
        const isLong = speechRatio >= rho;
        let nearest = centres[0];
        let distance = Infinity;
        for (const centre of centres) {
          const here = 1 - dot(embedding, centre.sum) / centre.norm;
          if (here >= distance) continue;
          distance = here;
          nearest = centre;
        }
        if (nearest !== undefined && distance <= delta) {
          if (isLong) {
            for (let i = 0; i < embedding.length; i++) nearest.sum[i]! += embedding[i]!;
            nearest.norm = Math.sqrt(dot(nearest.sum, nearest.sum));
          }
          return nearest.name;
        }
        // The very first centroid needs no length; afterwards short speech goes to the nearest, unlike as it is.
        if (centres.length === 0 || (isLong && centres.length < most)) {
          const name = `unknown-${++minted}`;
          centres.push({ name, sum: Float32Array.from(embedding), norm: 1 });
          return name;
        }
        return nearest!.name;
      },
    };
  },
};
