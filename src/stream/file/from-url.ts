import { z } from 'zod';
import { parseOptions } from '../../options.js';
import { createSource } from '../source.js';
import type { AudioSource } from '../types.js';
import { decodeRecording } from './decode.js';
import { factsOf, type FileFacts } from './format.js';
import { channelFields, withChannelRules } from './from-file.js';
import { openUrl } from './web-source.js';

const DEFAULT_MAX_BYTES = 2 ** 31;

const schema = withChannelRules(
  z.strictObject({
    url: z.url({ protocol: /^https$/, error: 'expected an https:// address, and no other scheme' }),
    maxBytes: z.int().min(1).default(DEFAULT_MAX_BYTES),
    ...channelFields,
  }),
);

/** `maxBytes`: bytes that are read at the most (default 2 GiB); beyond them `audio-limit` is thrown. `channel`, `audio`: see `FileOptions`. */
export type UrlOptions = Omit<z.input<typeof schema>, 'url'>;

/**
 * A recording at an `https://` address, of the kinds that `fromFile` reads. It is streamed as it is asked for and kept
 * nowhere; m4a needs a server that serves ranges. Redirects are followed to https alone. Certificates are checked as
 * Node does (NODE_EXTRA_CA_CERTS adds your own).
 *
 * @throws WhospeaksError `invalid-option`, at the call; at the pull what `fromFile` throws: `file-not-found` where there
 *   is none, `file-unreadable` where the server fails or stands still for 30 s
 */
export function fromUrl(url: string, options: UrlOptions = {}): AudioSource {
  const { maxBytes, channel, audio, url: address } = parseOptions('fromUrl', schema, { ...options, url });
  const facts: FileFacts = { channel, audio };
  return createSource({
    live: false,
    ...factsOf(facts),
    open: () => decodeRecording(() => openUrl(new URL(address), { maxBytes }), facts),
  });
}

/** Whether it is an address of any scheme, and no path of a file. */
export function isUrl(input: string): boolean {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(input);
}
