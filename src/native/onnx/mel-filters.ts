/** Triangles over the bins of a power spectrum, one a mel bin. */
export interface MelFilter {
  /** The first bin of the spectrum that it weighs, and the weights from there on. */
  readonly first: number;
  readonly weights: Float64Array;
}

export interface MelRange {
  readonly bins: number;
  readonly lowHz: number;
  readonly highHz: number;
  readonly sampleRateHz: number;
  readonly fftSize: number;
}

/** Kaldi's: mel = 1127 ln(1 + f / 700); triangles that are straight in mel, of height 1; the last FFT bin is left out. */
export function kaldiFilters(range: MelRange): MelFilter[] {
  const mel = (hz: number): number => 1127 * Math.log1p(hz / 700);
  const { low, step } = edges(range, mel);
  return filters(range, range.fftSize / 2, (bin, hz) => {
    const left = low + bin * step;
    return Math.min(mel(hz) - left, left + 2 * step - mel(hz)) / step;
  });
}

const SLANEY_BREAK_HZ = 1000;
const SLANEY_HZ_A_MEL = 200 / 3;
const SLANEY_STEP = Math.log(6.4) / 27;

/** Slaney's, as librosa has them: linear below 1 kHz, logarithmic above; straight in Hz, each of area 1. */
export function slaneyFilters(range: MelRange): MelFilter[] {
  const breakMel = SLANEY_BREAK_HZ / SLANEY_HZ_A_MEL;
  const mel = (hz: number): number =>
    hz < SLANEY_BREAK_HZ ? hz / SLANEY_HZ_A_MEL : breakMel + Math.log(hz / SLANEY_BREAK_HZ) / SLANEY_STEP;
  const hertz = (at: number): number =>
    at < breakMel ? at * SLANEY_HZ_A_MEL : SLANEY_BREAK_HZ * Math.exp(SLANEY_STEP * (at - breakMel));
  const { low, step } = edges(range, mel);
  return filters(range, range.fftSize / 2 + 1, (bin, hz) => {
    const [left, centre, right] = [0, 1, 2].map((i) => hertz(low + (bin + i) * step)) as [
      number,
      number,
      number,
    ];
    return (Math.min((hz - left) / (centre - left), (right - hz) / (right - centre)) * 2) / (right - left);
  });
}

function edges(range: MelRange, mel: (hz: number) => number): { low: number; step: number } {
  const low = mel(range.lowHz);
  return { low, step: (mel(range.highHz) - low) / (range.bins + 1) };
}

function filters(
  { bins, sampleRateHz, fftSize }: MelRange,
  spectrumBins: number,
  weight: (bin: number, hz: number) => number,
): MelFilter[] {
  return Array.from({ length: bins }, (_, bin) => {
    const weights = Array.from({ length: spectrumBins }, (_, k) =>
      Math.max(0, weight(bin, (k * sampleRateHz) / fftSize)),
    );
    const first = Math.max(
      0,
      weights.findIndex((value) => value > 0),
    );
    const last = weights.findLastIndex((value) => value > 0);
    return { first, weights: Float64Array.from(weights.slice(first, last + 1)) };
  });
}
