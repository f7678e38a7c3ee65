import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import { WhospeaksError } from '../errors.js';
import type { ServerConfig, ServerConfigInput } from './config.js';
import type { ServerMetrics } from './metrics.js';
import { limitConnections } from './http/connection-limit.js';
import { sendError, sendReply } from './http/exchange.js';
import { checkConfig, checkReload } from './load-config.js';
import { startLevel } from './logger.js';
import { withStatus } from './http/http-error.js';
import { refuse } from './http/refuse.js';
import { createService } from './service.js';
import type { Service, ServiceParts } from './service-parts.js';
import type { StreamList } from './stream-list.js';

export interface RunningServer {
  /** `http://127.0.0.1:7979`, and the base path behind it. */
  readonly url: string;
  readonly port: number;
  readonly maxStreams: number;
  readonly sessions: StreamList;
  readonly metrics: ServerMetrics;
  readonly logger: Logger;
  /**
   * Take over what may change while it runs: tokens, `allowedOrigins`, `logLevel`, and the certificate as its files are now.
   * Rejects with `server-config`, and then nothing has changed. Returns the settings that differ and wait for a restart.
   */
  reload(config: ServerConfigInput): Promise<readonly string[]>;
  /** Let streams end, at most `drainSeconds`, tell the rest their last events, and close. May be called twice. */
  drain(): Promise<void>;
  /** Close at once. */
  close(): Promise<void>;
}

/**
 * Run the service on an address of its own. Rejects as `createService`, and with `server-listen` where the address
 * cannot be had. The address is taken, and the certificate read, before the model is loaded; until it is, requests are
 * answered with 503 (`server-starting`).
 */
export async function serve(
  config: ServerConfigInput = {},
  parts: ServiceParts = {},
): Promise<RunningServer> {
  const checked = checkConfig(config);
  const front = new Front();
  const http = makeHttpServer(checked, front);
  await listen(http, checked);
  try {
    const service = await createService(config, parts);
    front.open(service);
    return running(http, service);
  } catch (error) {
    http.close();
    http.closeAllConnections();
    throw error;
  }
}

function running(http: Server | TlsServer, service: Service): RunningServer {
  const { config, sessions, metrics, logger } = service;
  let closing: Promise<void> | null = null;
  const close = (): Promise<void> =>
    (closing ??= new Promise((resolve) => {
      service.close();
      http.close(() => {
        resolve();
      });
      http.closeAllConnections();
    }));
  const drain = async (): Promise<void> => {
    await service.drain();
    await close();
  };
  const reload = async (settings: ServerConfigInput): Promise<readonly string[]> => {
    const pair = tlsPair(checkReload(settings));
    const waiting = await service.reload(settings);
    if (pair !== null && 'setSecureContext' in http) http.setSecureContext(pair);
    return waiting;
  };

  const { port } = http.address() as AddressInfo;
  const host = config.host.includes(':') ? `[${config.host}]` : config.host;
  const url = `${config.tlsCert === undefined ? 'http' : 'https'}://${host}:${port}${config.basePath}`;
  logger[startLevel(config.logFormat)]({ url }, 'listening');
  return {
    url,
    port,
    get maxStreams() {
      return service.maxStreams;
    },
    sessions,
    metrics,
    logger,
    reload,
    drain,
    close,
  };
}

/** What the address answers: that the service starts, and then the service. */
class Front {
  #service: Service | null = null;

  open(service: Service): void {
    this.#service = service;
  }

  readonly onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    if (this.#service !== null) {
      this.#service.onRequest(request, response);
      return;
    }
    const isProbe = request.url?.endsWith('/healthz') === true;
    if (isProbe) sendReply(response, { status: 200, body: { status: 'ok' } });
    else sendError(response, starting());
  };

  readonly onUpgrade: Service['onUpgrade'] = (request, socket, head) => {
    if (this.#service !== null) this.#service.onUpgrade(request, socket, head);
    else refuse(socket, starting());
  };
}

function starting(): WhospeaksError {
  return new WhospeaksError('server-starting', 'the server starts; connect again in a moment');
}

/** Who connects and then says nothing, in TLS or in HTTP, is hung up after these times, ms. */
const TIMEOUTS = {
  headersTimeout: 10_000,
  requestTimeout: 120_000,
  keepAliveTimeout: 5000,
  connectionsCheckingInterval: 2000,
};
/** Nothing goes either way for this long, as where an answer is not read, ms. */
const SILENT_MS = 300_000;
const HANDSHAKE_MS = 10_000;

function makeHttpServer(config: ServerConfig, { onRequest, onUpgrade }: Front): Server | TlsServer {
  const limits = { ...TIMEOUTS, maxHeaderSize: 16_384 };
  const pair = tlsPair(config);
  const server =
    pair === null
      ? createHttpServer(limits, onRequest)
      : createHttpsServer({ ...limits, ...pair, handshakeTimeout: HANDSHAKE_MS }, onRequest);
  limitConnections(server, config.maxConnections);
  server.setTimeout(SILENT_MS);
  // An expectation that is not known is no reason to refuse: RFC 9110, 10.1.1.
  server.on('checkExpectation', onRequest);
  server.on('clientError', onClientError);
  server.on('upgrade', onUpgrade);
  return server;
}

/** What Node's parser or clock refuses before it is a request. */
function onClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  const { _httpMessage: begun } = socket as { _httpMessage?: { headersSent: boolean } | null };
  if (error.code === 'ECONNRESET' || !socket.writable || begun?.headersSent === true) {
    socket.destroy();
    return;
  }
  refuse(socket, CLIENT_ERRORS[error.code ?? '']?.() ?? malformed());
}

const CLIENT_ERRORS: Readonly<Record<string, () => WhospeaksError>> = {
  HPE_HEADER_OVERFLOW: () =>
    withStatus(
      431,
      new WhospeaksError('server-limit', 'the headers of the request are too large; send fewer'),
    ),
  ERR_HTTP_REQUEST_TIMEOUT: () =>
    withStatus(408, new WhospeaksError('server-timeout', 'the request did not come in time; send it again')),
};

function malformed(): WhospeaksError {
  return withStatus(400, new WhospeaksError('protocol-message', 'this is no HTTP request; check the client'));
}

/**
 * Certificate and key, or null where there is no TLS.
 * @throws {WhospeaksError} `server-config` where they are not what they should be
 */
function tlsPair({ tlsCert, tlsKey }: ServerConfig): { cert: string; key: string } | null {
  if (tlsCert === undefined || tlsKey === undefined) return null;
  const pair = { cert: readPem(tlsCert), key: readPem(tlsKey) };
  try {
    createSecureContext(pair);
    return pair;
  } catch (error) {
    throw new WhospeaksError(
      'server-config',
      `tlsCert and tlsKey are no PEM certificate and its key: ${(error as Error).message}; check the files`,
      { cause: error },
    );
  }
}

function readPem(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new WhospeaksError('server-config', `cannot read ${file}; check its name and permissions`, {
      cause: error,
    });
  }
}

function listen(server: Server, { host, port }: ServerConfig): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'the port is taken' : error.message;
      reject(
        new WhospeaksError('server-listen', `cannot listen on ${host}:${port}: ${why}; choose another`, {
          cause: error,
        }),
      );
    });
    server.listen(port, host, () => {
      server.removeAllListeners('error');
      server.on('error', () => undefined);
      resolve();
    });
  });
}
