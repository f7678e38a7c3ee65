import { CAPTURE_RATE_HZ } from '../client/index.js';
import { BLOCK_SAMPLES, type MeetingStore } from './meeting-store.js';

/** What was heard of the meeting, to be played again: written block by block, in place of the last of which there is more. */
export class SoundTrack {
  private block = new Int16Array(BLOCK_SAMPLES);
  private at: number;
  private context: AudioContext | undefined;

  /** @param startSample where the sound that follows lies in the meeting; what is there of its block stays */
  constructor(
    private readonly store: MeetingStore,
    startSample = 0,
  ) {
    this.at = startSample;
  }

  /** Go on at a later position: begins a block anew with what is kept of it. */
  async seek(sample: number): Promise<void> {
    await this.flush();
    this.at = sample;
    this.block = new Int16Array(BLOCK_SAMPLES);
    const kept = await this.store.sound(Math.floor(sample / BLOCK_SAMPLES));
    if (kept !== undefined) this.block.set(kept.subarray(0, sample % BLOCK_SAMPLES));
  }

  push(samples: Float32Array): void {
    for (const sample of samples) {
      this.block[this.at % BLOCK_SAMPLES] = Math.round(32_767 * Math.max(-1, Math.min(1, sample)));
      this.at += 1;
      if (this.at % BLOCK_SAMPLES !== 0) continue;
      void this.store.putSound(this.at / BLOCK_SAMPLES - 1, this.block);
      this.block = new Int16Array(BLOCK_SAMPLES);
    }
  }

  /** What is not a whole block yet is kept too. */
  async flush(): Promise<void> {
    const filled = this.at % BLOCK_SAMPLES;
    if (filled > 0)
      await this.store.putSound(Math.floor(this.at / BLOCK_SAMPLES), this.block.slice(0, filled));
  }

  forget(): void {
    this.at = 0;
    this.block = new Int16Array(BLOCK_SAMPLES);
  }

  /** Play a part of the meeting. Resolves when it was played, or was stopped; false where its sound is not kept any more. */
  async play(startSample: number, endSample: number): Promise<boolean> {
    this.stop();
    await this.flush();
    const samples = new Float32Array(endSample - startSample);
    let found = 0;
    for (let n = Math.floor(startSample / BLOCK_SAMPLES); n * BLOCK_SAMPLES < endSample; n++) {
      const block = await this.store.sound(n);
      const from = n * BLOCK_SAMPLES;
      const [first, last] = [Math.max(startSample, from), Math.min(endSample, from + (block?.length ?? 0))];
      for (let at = first; at < last; at++) samples[at - startSample] = block![at - from]! / 32_768;
      found += Math.max(0, last - first);
    }
    if (found === 0) return false;
    const context = new AudioContext();
    this.context = context;
    const buffer = context.createBuffer(1, samples.length, CAPTURE_RATE_HZ);
    buffer.copyToChannel(samples, 0);
    const source = context.createBufferSource();
    source.buffer = buffer;
    source.connect(context.destination);
    await new Promise<void>((resolve) => {
      source.onended = () => {
        resolve();
      };
      context.onstatechange = () => {
        if (context.state === 'closed') resolve();
      };
      source.start();
    });
    if (this.context === context) this.stop();
    return true;
  }

  stop(): void {
    void this.context?.close();
    this.context = undefined;
  }
}
