import { SAMPLE_RATE_HZ, type AudioSource } from '../stream/index.js';
import type { IdentifyEvent } from '../tracker/index.js';
import type { InputOptions } from './audio-input.js';
import { seconds } from './format-time.js';

/** Sound that stays below is silence to a person at any sensible volume. */
const SILENT_DB = -60;
/** In less, nobody is found even where somebody speaks. */
const SHORT_SECONDS = 0.5;

type Input = Pick<InputOptions, 'encoding' | 'rate' | 'channels'>;

/** What was heard of a stream. */
interface Heard {
  readonly samples: number;
  /** Largest magnitude, 0 to 1. */
  readonly peak: number;
}

/** Notices a stream that ends without any speech, and says the likeliest reason on stderr. */
export class SpeechWatch {
  private samples = 0;
  private peak = 0;
  private hasSpeech = false;

  constructor(
    private readonly input: string | undefined,
    private readonly options: Input,
  ) {}

  /** The same source. */
  watch(source: AudioSource): AudioSource {
    const hear = (samples: Float32Array): void => {
      this.samples += samples.length;
      for (const sample of samples) this.peak = Math.max(this.peak, Math.abs(sample));
    };
    return {
      live: source.live,
      get durationSamples() {
        return source.durationSamples;
      },
      async *[Symbol.asyncIterator]() {
        for await (const chunk of source) {
          hear(chunk.samples);
          yield chunk;
        }
      },
    };
  }

  event({ type }: IdentifyEvent): void {
    if (type === 'final') this.hasSpeech = true;
  }

  /** To be called at the end. */
  report(write: (text: string) => void = (text) => process.stderr.write(text)): void {
    if (this.hasSpeech || this.samples === 0) return;
    const heard = `no speech in ${seconds(this.samples).toFixed(1)} s of sound`;
    const { samples, peak, input, options } = this;
    write(`warning: ${heard}: ${likeliestReason({ samples, peak }, input, options)}\n`);
  }
}

/** Why no speech was found, in order of what would explain it. */
function likeliestReason({ samples, peak }: Heard, input: string | undefined, options: Input): string {
  const peakDb = 20 * Math.log10(peak);
  if (peakDb < SILENT_DB) {
    const level = peak === 0 ? 'it is silence' : `it is nearly silence (at most ${peakDb.toFixed(0)} dB)`;
    if (input === undefined)
      return `${level}; \`whospeaks mic doctor\` says what keeps the microphone from working`;
    return `${level}; check the level of the recording, and that this is the right one`;
  }
  if (seconds(samples) < SHORT_SECONDS) return 'it is too short';
  const level = `it is loud enough (up to ${peakDb.toFixed(0)} dB) but not like a voice`;
  if (input !== '-') return `${level}; is it noise or music?`;
  return `${level}; ${readAs(options)}`;
}

/** What to check where raw samples were read otherwise than they were made. */
export function readAs({ encoding = 's16le', rate = SAMPLE_RATE_HZ, channels = 1 }: Input): string {
  const read = `${encoding}, ${rate} Hz, ${channels} ${channels === 1 ? 'channel' : 'channels'}`;
  return `if it is raw samples, they were read as ${read}: are --encoding, --rate and --channels those of the sound?`;
}
