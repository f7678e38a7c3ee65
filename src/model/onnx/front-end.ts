import { SAMPLE_RATE_HZ } from '../../stream/geometry.js';
import { quote, unsupported } from '../fault.js';

/** What a network hears, by its framework's definition. */
export type ModelFrontEnd =
  | {
      /** 25 ms every 10 ms, pre-emphasis 0.97, mel bins from 20 Hz to 8 kHz: kaldi-native-fbank's defaults. */
      readonly kind: 'kaldi';
      readonly window: 'hamming' | 'povey';
      readonly bins: number;
      /** What samples of -1 to 1 are multiplied by. */
      readonly scale: 1 | 32_768;
      /** Whether each bin's mean over the window is subtracted. */
      readonly subtractsMean: boolean;
    }
  | {
      /** NeMo's AudioToMelSpectrogramPreprocessor. */
      readonly kind: 'nemo';
      readonly bins: number;
      readonly windowSamples: number;
      readonly shiftSamples: number;
      /** Each bin to mean 0 and deviation 1 over the window. */
      readonly isNormalized: boolean;
    }
  /** Samples, -1 to 1. */
  | { readonly kind: 'waveform' };

/** Facts that sherpa-onnx's exporters write into a file, and that a `config.json` beside it may state. */
export const FRONT_END_FACTS = [
  'framework',
  'sample_rate',
  'normalize_samples',
  'feature_normalize_type',
  'window_type',
  'window_size_ms',
  'window_stride_ms',
  'feat_dim',
  'output_dim',
] as const;
export type FrontEndFacts = Readonly<Partial<Record<(typeof FRONT_END_FACTS)[number], string>>>;

/** Frameworks whose front ends are known. */
export const FRAMEWORKS = ['wespeaker', '3d-speaker', 'nemo', 'waveform'] as const;

/**
 * The front end that the facts state, of an input of `bins` mel bins (undefined: it takes samples). Throws
 * `model-unsupported` with what was found and what is known.
 */
export function frontEndOf(label: string, facts: FrontEndFacts, bins: number | undefined): ModelFrontEnd {
  const rate = Number(facts.sample_rate ?? SAMPLE_RATE_HZ);
  if (rate !== SAMPLE_RATE_HZ) {
    throw unsupported(label, `made for ${rate} Hz; only ${SAMPLE_RATE_HZ} Hz models are supported`);
  }
  const { framework } = facts;
  const known = FRAMEWORKS.find((name) => name === framework);
  if (framework !== undefined && known === undefined) {
    throw unsupported(label, `framework ${quote(framework)}; known are ${FRAMEWORKS.join(', ')}`);
  }
  if (bins === undefined) {
    if (known === undefined || known === 'waveform') return { kind: 'waveform' };
    throw unsupported(label, `its input are samples, and its framework ${known} makes mel features`);
  }
  if (known === undefined || known === 'waveform') {
    throw unsupported(
      label,
      `its input are ${bins} mel bins, and nothing says which: state "framework" in a config.json beside the file, one of ` +
        FRAMEWORKS.slice(0, 3).join(', '),
    );
  }
  const stated = Number(facts.feat_dim ?? bins);
  if (stated !== bins) throw unsupported(label, `feat_dim is ${stated}, its input has ${bins} mel bins`);
  return known === 'nemo' ? nemo(label, facts, bins) : kaldi(label, facts, bins, known);
}

function kaldi(
  label: string,
  facts: FrontEndFacts,
  bins: number,
  framework: 'wespeaker' | '3d-speaker',
): ModelFrontEnd {
  // As each trains: WeSpeaker with Hamming windows on 16-bit samples, 3D-Speaker with Kaldi's own on samples up to 1.
  const isWespeaker = framework === 'wespeaker';
  const window = oneOf(label, facts, 'window_type', isWespeaker ? 'hamming' : 'povey', ['hamming', 'povey']);
  const scaled = oneOf(label, facts, 'normalize_samples', isWespeaker ? '0' : '1', ['0', '1']);
  const normalize = oneOf(label, facts, 'feature_normalize_type', 'global-mean', ['global-mean', '']);
  return {
    kind: 'kaldi',
    window,
    bins,
    scale: scaled === '1' ? 1 : 32_768,
    subtractsMean: normalize === 'global-mean',
  };
}

function nemo(label: string, facts: FrontEndFacts, bins: number): ModelFrontEnd {
  oneOf(label, facts, 'window_type', 'hann', ['hann']);
  const normalize = oneOf(label, facts, 'feature_normalize_type', 'per_feature', ['per_feature', '', 'NA']);
  const samples = (key: 'window_size_ms' | 'window_stride_ms', usual: number, most: number): number => {
    const ms = Number(facts[key] ?? usual);
    if (ms >= 1 && ms <= most) return Math.round((ms * SAMPLE_RATE_HZ) / 1000);
    throw unsupported(label, `${key} is ${quote(facts[key]!)}; supported are 1 to ${most}`);
  };
  return {
    kind: 'nemo',
    bins,
    windowSamples: samples('window_size_ms', 25, 32),
    shiftSamples: samples('window_stride_ms', 10, 32),
    isNormalized: normalize === 'per_feature',
  };
}

function oneOf<Value extends string>(
  label: string,
  facts: FrontEndFacts,
  key: keyof FrontEndFacts,
  usual: NoInfer<Value>,
  known: readonly Value[],
): Value {
  const stated = facts[key] ?? usual;
  const found = known.find((value) => value === stated);
  if (found !== undefined) return found;
  throw unsupported(label, `${key} ${quote(stated)}; supported are ${known.map(quote).join(', ')}`);
}
