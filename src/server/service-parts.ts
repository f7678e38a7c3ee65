import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import type { EnrollModel, SpeakerStore } from '../speakers/index.js';
import type { ServerConfig, ServerConfigInput } from './config.js';
import type { ServerMetrics } from './metrics.js';
import type { StreamList } from './stream-list.js';

/** What may be handed in, by tests and by programs that have it already. */
export interface ServiceParts {
  /** In place of the configured model; the caller closes it. */
  readonly model?: EnrollModel;
  readonly logger?: Logger;
  /** Where the speakers of a group are kept, in place of a folder of files; called once for each group. */
  readonly store?: (group: string) => SpeakerStore;
  readonly webFolder?: string;
  /** A clock that goes forward, ms; default that of the process. */
  readonly nowMs?: () => number;
}

/** The service without a socket of its own: hand it the requests and upgrades of any `node:http` server. */
export interface Service {
  readonly config: ServerConfig;
  /** Streams that it takes now: of `auto`, measured, and measured again while it runs. */
  readonly maxStreams: number;
  readonly sessions: StreamList;
  readonly metrics: ServerMetrics;
  readonly logger: Logger;
  /** For `http.createServer`, or the last handler of a framework. Never throws. */
  readonly onRequest: (request: IncomingMessage, response: ServerResponse) => void;
  /**
   * For the server's `upgrade` event. Never throws; a WebSocket that is no stream of ours is refused, and a request that
   * offers another protocol is answered as `onRequest` would.
   */
  readonly onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /**
   * Take over what may change while it runs: tokens (with those of the tokens file as it is now), `allowedOrigins` and
   * `logLevel`. Streams of tokens that are gone end. Rejects with `server-config`, and then nothing has changed. Returns the
   * settings that differ and wait for a restart.
   */
  reload(config: ServerConfigInput): Promise<readonly string[]>;
  /**
   * Let streams end, at most `drainSeconds`, and tell the rest their last events. New ones are refused meanwhile.
   * Then `close` it.
   */
  drain(): Promise<void>;
  /** Hang up on everybody and free the model. */
  close(): void;
}
