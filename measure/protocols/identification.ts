import { isUnknownLabel } from 'whospeaks';
import { slices, type DiarizationSeconds, type Turn } from 'whospeaks/evaluate';
import { bestMapping, errorUnder } from '../../src/evaluate/diarization-error.js';

/**
 * Identification error of pyannote.metrics: the diarization error, with names in the place of a mapping. Labels of unknown speakers
 * count as those speakers who are not enrolled, one to one, with whom they share most time.
 */
export function namedError(
  reference: readonly Turn[],
  hypothesis: readonly Turn[],
  enrolled: readonly string[],
): DiarizationSeconds {
  const strangers = reference.filter(({ speaker }) => !enrolled.includes(speaker));
  const unknown = hypothesis.filter(({ speaker }) => isUnknownLabel(speaker));
  const names = enrolled.map((name): [string, string] => [name, name]);
  const mapping = new Map([...names, ...bestMapping(slices(strangers, unknown))]);
  return errorUnder(slices(reference, hypothesis), mapping);
}
