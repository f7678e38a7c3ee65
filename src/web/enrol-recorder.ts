import { CAPTURE_RATE_HZ, openMicrophone, wavFile, type Capture, type Level } from '../client/index.js';

/** What the browser loads into its audio thread; the page's policy allows its own origin alone. */
export const WORKLET_URL = 'capture-worklet.js';
const MAX_SECONDS = 60;

/** Records one voice from the microphone, up to a minute. */
export class EnrolRecorder {
  private readonly parts: Float32Array[] = [];
  private samples = 0;
  private loudest: Level = { rms: 0, peak: 0 };

  private constructor(private readonly capture: Capture) {
    capture.samples$.subscribe({
      next: (part) => {
        if (this.full) return;
        this.parts.push(part);
        this.samples += part.length;
      },
      // Whatever was heard until the device went away can still be used.
      error: () => undefined,
    });
    capture.level$.subscribe(({ rms, peak }) => {
      this.loudest = { rms: Math.max(rms, this.loudest.rms), peak: Math.max(peak, this.loudest.peak) };
    });
  }

  static async start(deviceId?: string): Promise<EnrolRecorder> {
    const device = deviceId === undefined ? {} : { deviceId };
    return new EnrolRecorder(await openMicrophone({ workletUrl: WORKLET_URL, ...device }));
  }

  get seconds(): number {
    return this.samples / CAPTURE_RATE_HZ;
  }

  get full(): boolean {
    return this.seconds >= MAX_SECONDS;
  }

  /** A word on the level of what was heard since the last call, or undefined where it is good. */
  levelAdvice(): string | undefined {
    const { rms, peak } = this.loudest;
    this.loudest = { rms: 0, peak: 0 };
    if (peak >= 0.99) return 'Too loud: move away from the microphone.';
    if (rms < 0.004) return 'Very quiet: come closer, or check which microphone is in use.';
    return undefined;
  }

  /** What was heard so far, as a wav file. */
  recording(): Uint8Array<ArrayBuffer> {
    const all = new Float32Array(this.samples);
    let at = 0;
    for (const part of this.parts) {
      all.set(part, at);
      at += part.length;
    }
    return wavFile(all, CAPTURE_RATE_HZ);
  }

  stop(): void {
    this.capture.close();
  }
}
