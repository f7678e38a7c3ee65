import { inStep } from '../stream/in-step.js';
import type { AudioSource } from '../stream/types.js';
import { withoutHoles } from '../stream/without-holes.js';
import { LeakTrack } from './leak-track.js';
import { RecordingListener, type HeardRecording, type HearingNetworks } from './recording-listener.js';
import type { DiarizationSettings } from './settings.js';

export interface HearRecordingOptions {
  readonly settings: DiarizationSettings;
  readonly signal?: AbortSignal | undefined;
  /** Called as windows are heard. */
  readonly onPosition?: (samples: number, channel: number) => void;
}

/**
 * The channels of a recording, read once side by side through both networks. A voice that leaks from one channel into another is
 * heard on its own alone. What a source lost counts as silence. Memory beside the answer is bounded.
 */
export async function hearChannels(
  sources: readonly AudioSource[],
  networks: HearingNetworks,
  { settings, signal, onPosition }: HearRecordingOptions,
): Promise<HeardRecording[]> {
  const leaks = sources.length > 1 ? new LeakTrack(sources.length) : undefined;
  const listeners = sources.map(
    (_, channel) =>
      new RecordingListener(networks, settings, leaks && ((sample) => leaks.isLeak(channel, sample))),
  );
  const hear = async (batch: number): Promise<void> => {
    for (const [channel, listener] of listeners.entries()) {
      while (listener.ready >= batch) {
        await listener.hear(Math.min(settings.batchWindows, listener.ready));
        leaks?.dropBefore(channel, listener.neededFrom);
        signal?.throwIfAborted();
        onPosition?.(listener.heardSamples, channel);
      }
    }
  };
  for await (const sounds of inStep(sources.map(withoutHoles))) {
    signal?.throwIfAborted();
    leaks?.push(sounds);
    for (const [channel, sound] of sounds.entries()) listeners[channel]!.push(sound);
    await hear(settings.batchWindows);
  }
  for (const listener of listeners) listener.end();
  await hear(1);
  return listeners.map(({ windows, pushed: samples }, channel) => {
    onPosition?.(samples, channel);
    return { windows, samples };
  });
}

/** As `hearChannels`, of one. */
export async function hearRecording(
  source: AudioSource,
  networks: HearingNetworks,
  options: HearRecordingOptions,
): Promise<HeardRecording> {
  const [heard] = await hearChannels([source], networks, options);
  return heard!;
}
