import { assertDistinctInRttm, rttmLines } from '../rttm.js';
import type { TranscriptWriter } from '../transcript.js';

/** RTTM, for scoring tools: a line a segment. */
export const writeRttm: TranscriptWriter = ({ recording, segments }) => {
  assertDistinctInRttm(new Set(segments.map(({ speaker }) => speaker)), 'RTTM');
  return rttmLines(segments, recording);
};
