import { hostname } from 'node:os';
import type { RunningServer, ServerConfig } from '../server/index.js';

/** What `serve` says at a terminal once it listens: where, who may connect, how to stop. */
export function startText(
  { url, maxStreams }: Pick<RunningServer, 'url' | 'maxStreams'>,
  {
    host,
    drainSeconds,
    tokens,
    tokensFile,
  }: Pick<ServerConfig, 'host' | 'drainSeconds' | 'tokens' | 'tokensFile'>,
): string {
  const isEverywhere = host === '0.0.0.0' || host === '::';
  const address = isEverywhere ? url.replace(/\/\/(0\.0\.0\.0|\[::\])/, `//${hostname()}`) : url;
  const who =
    tokens.length === 0 && tokensFile === undefined
      ? 'programs and browsers on this machine; no token is needed'
      : `whoever has a token${tokensFile === undefined ? '' : ` of ${tokensFile} (whospeaks token --file ${tokensFile} makes one)`}`;
  return [
    `whospeaks listens at ${address}/`,
    `  Who may connect: ${who}.`,
    `  Streams at once: ${maxStreams}.`,
    `  To stop: Ctrl-C; streams that run have ${drainSeconds} s to end.`,
    '',
  ].join('\n');
}
