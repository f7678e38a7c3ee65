declare module '@echogarden/speex-resampler-wasm' {
  import type { SpeexModule } from './speex.js';
  export default function createModule(): Promise<SpeexModule>;
}
