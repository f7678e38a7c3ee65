import { WhospeaksError } from '../../errors.js';
import type { Capture } from '../../client/microphone.js';
import { AudioBuffer } from '../../stream/audio-buffer.js';
import { SAMPLE_RATE_HZ } from '../../stream/geometry.js';
import type { SoundBlock, SoundSource } from '../sound-source.js';

/** A source that does not wait: sound that is not read in time is dropped, the oldest first. */
export interface CapturedSource extends SoundSource {
  readonly live: true;
  /** Sound that was dropped because it was not read in time, seconds. */
  readonly lostSeconds: number;
  /** True gives silence from now on: the stream's time goes on, and nothing is heard. */
  muted: boolean;
}

/** @param open called once, at the first pull */
export function capturedSource(bufferSeconds: number, open: () => Promise<Capture>): CapturedSource {
  let opening: Promise<Capture> | undefined;
  let capture: Capture | undefined;
  let isMuted = false;
  let isRead = false;
  let position = 0;
  let expected = 0;
  const buffer = new AudioBuffer({
    maxSamples: Math.round(bufferSeconds * SAMPLE_RATE_HZ),
    onReturn: async () => {
      // One that did not open has said so at the pull, and has nothing to close.
      (await opening?.catch(() => undefined))?.close();
    },
  });

  async function start(): Promise<Capture> {
    const opened = await open();
    capture = opened;
    opened.muted = isMuted;
    opened.missed$.subscribe((seconds) => {
      position += Math.round(seconds * SAMPLE_RATE_HZ);
    });
    opened.samples$.subscribe({
      next: (samples) => {
        buffer.push({ startSample: position, samples });
        position += samples.length;
      },
      error: (error: unknown) => {
        buffer.fail(error);
      },
      complete: () => {
        buffer.end();
      },
    });
    return opened;
  }

  // Not a generator: leaving must not wait for the pull under way, which may never end.
  const iterator: AsyncIterator<SoundBlock, undefined> = {
    async next() {
      await (opening ??= start());
      const { done, value } = await buffer.next();
      if (done === true) return { done, value: undefined };
      const { startSample, samples } = value;
      const isHole = startSample !== expected;
      expected = startSample + samples.length;
      // A copy: what is handed over is taken away from here.
      const block = { rateHz: SAMPLE_RATE_HZ, planes: [samples.slice()] };
      return {
        done: false,
        value: isHole ? { ...block, atSeconds: startSample / SAMPLE_RATE_HZ } : block,
      };
    },
    async return() {
      await buffer.return();
      return { done: true, value: undefined };
    },
  };
  return {
    live: true,
    get lostSeconds() {
      return buffer.droppedSamples / SAMPLE_RATE_HZ;
    },
    get muted() {
      return isMuted;
    },
    set muted(muted) {
      isMuted = muted;
      if (capture !== undefined) capture.muted = muted;
    },
    open() {
      if (isRead)
        throw new WhospeaksError('source-closed', 'an audio source can be read only once; make a new one');
      isRead = true;
      return { [Symbol.asyncIterator]: () => iterator };
    },
  };
}
