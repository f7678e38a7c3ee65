import type { WindowEmbedder } from '../native/index.js';
import { MEL_BINS, samplesOf, WINDOW_FRAMES } from '../stream/geometry.js';

/** Windows that a second of live speech makes. */
const WINDOWS_PER_SECOND = 2;
/** Share of the machine that streams may take: the rest is the front end, the sockets, and chance. */
const HEADROOM = 0.6;
const ROUNDS = 6;
/** Windows that are asked for together, as a busy server does. */
const TOGETHER = 4;
/** A live window that waits this long for the network says that the machine has enough to do. */
const OVERLOAD_SECONDS = 1;

/** Measure how many live streams the network can serve in time; at least 1. */
export async function measureCapacity(model: WindowEmbedder, nowMs: () => number): Promise<number> {
  const features = Float32Array.from({ length: WINDOW_FRAMES * MEL_BINS }, (_, i) => Math.sin(i * 0.37));
  const samples = samplesOf(WINDOW_FRAMES);
  const window = {
    startSample: 0,
    endSample: samples,
    frames: WINDOW_FRAMES,
    features,
    speechRatio: 1,
    step: { startSample: 0, endSample: samples, speech: new Uint8Array(WINDOW_FRAMES).fill(1) },
  };
  const round = async (): Promise<number> => {
    const startMs = nowMs();
    await Promise.all(Array.from({ length: TOGETHER }, () => model.embedWindow(window)));
    return (nowMs() - startMs) / TOGETHER;
  };
  await round();
  const times: number[] = [];
  for (let i = 0; i < ROUNDS; i++) times.push(await round());
  times.sort((a, b) => a - b);
  const windowMs = Math.max(0.01, times[Math.floor(ROUNDS / 2)]!);
  return Math.max(1, Math.floor((HEADROOM * 1000) / (windowMs * WINDOWS_PER_SECOND)));
}

/**
 * Why no other stream can be served in time now, or null. The network alone says so: how far one stream is behind may be
 * that stream's own doing.
 */
export function overloadOf(network: { readonly liveWaitSeconds: number }): string | null {
  return network.liveWaitSeconds > OVERLOAD_SECONDS ? 'the streams that run are behind already' : null;
}
