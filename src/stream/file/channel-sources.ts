import { WhospeaksError } from '../../errors.js';
import type { AudioSource } from '../types.js';
import type { FileOptions } from './from-file.js';

/** Each is decoded from the whole file. */
const MAX_CHANNELS = 64;

/**
 * A source for each channel of a recording, which is opened once more to count them. Rejects with what it is refused with,
 * and with `audio-format` where it has more than 64.
 *
 * @param open the recording, all channels or one
 */
export async function channelSources(open: (options: FileOptions) => AudioSource): Promise<AudioSource[]> {
  const all = open({});
  const audio = all[Symbol.asyncIterator]();
  await audio.next();
  await audio.return?.();
  const { channels = 1 } = all;
  if (channels > MAX_CHANNELS) {
    throw new WhospeaksError(
      'audio-format',
      `the recording has ${channels} channels; at most ${MAX_CHANNELS} can be recordings of their own`,
    );
  }
  return Array.from({ length: channels }, (_, channel) => open({ channel }));
}
