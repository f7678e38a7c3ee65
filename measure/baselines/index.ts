/**
 * What other systems do with the same embeddings, written from their published descriptions: each turns
 * windows into labels, and is given the tracker's speech stretches, so that only the labels differ.
 */
export { baselineEvents, LAG_STEPS, type Baseline, type Labeller } from './baseline.js';
export { bestCosine, type BestCosineParameters } from './best-cosine.js';
export { incrementalClustering, type ClusteringParameters } from './incremental-clustering.js';
export { speakerManager, type SpeakerManagerParameters } from './speaker-manager.js';
