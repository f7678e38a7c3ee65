/**
 * Runs in the audio thread of a browser. It imports nothing, so that the file can be served as it is, and all of it is
 * in one function, so that its text can be run where a bundler has lost the file.
 */

// The audio thread's own globals, which TypeScript's DOM library leaves out.
declare abstract class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;

/** Gathers the 128-frame blocks of Web Audio into larger ones, mixed to one channel, and posts them. */
export function installCapture(): void {
  /** About 21 ms at 48 kHz: few enough messages, and no delay that anybody notices. */
  const BLOCK_FRAMES = 1024;

  class Capture extends AudioWorkletProcessor {
    private block = new Float32Array(BLOCK_FRAMES);
    private filled = 0;

    process(inputs: readonly (readonly Float32Array[])[]): boolean {
      const channels = inputs[0] ?? [];
      const frames = channels[0]?.length ?? 0;
      for (let i = 0; i < frames; i++) {
        let sum = 0;
        for (const channel of channels) sum += channel[i]!;
        this.block[this.filled++] = sum / channels.length;
        if (this.filled === BLOCK_FRAMES) {
          this.port.postMessage(this.block, [this.block.buffer]);
          this.block = new Float32Array(BLOCK_FRAMES);
          this.filled = 0;
        }
      }
      return true;
    }
  }

  registerProcessor('whospeaks-capture', Capture);
}

if ('registerProcessor' in globalThis) installCapture();
