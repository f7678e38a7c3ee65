declare module '@echogarden/speex-resampler-wasm/simd' {
  import type { SpeexModule } from './speex.js';
  export default function createModule(): Promise<SpeexModule>;
}
