import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { WhospeaksError } from '../errors.js';
import type { ServerConfig, ServerConfigInput } from './config.js';
import type { ServerMetrics } from './metrics.js';
import { limitConnections } from './http/connection-limit.js';
import { withStatus } from './http/http-error.js';
import { refuse } from './http/refuse.js';
import { createService, type Service, type ServiceParts } from './service.js';
import type { StreamList } from './stream-list.js';

export interface RunningServer {
  /** `http://127.0.0.1:7979` */
  readonly url: string;
  readonly port: number;
  readonly maxStreams: number;
  readonly sessions: StreamList;
  readonly metrics: ServerMetrics;
  /** Let streams end, at most `drainSeconds`, tell the rest their last events, and close. May be called twice. */
  drain(): Promise<void>;
  /** Close at once. */
  close(): Promise<void>;
}

/**
 * Run the service on an address of its own. Rejects as `createService`, and with `server-listen` where the address
 * cannot be had.
 */
export async function serve(
  config: ServerConfigInput = {},
  parts: ServiceParts = {},
): Promise<RunningServer> {
  const service = await createService(config, parts);
  try {
    return await listening(service);
  } catch (error) {
    service.close();
    throw error;
  }
}

async function listening(service: Service): Promise<RunningServer> {
  const { config, maxStreams, sessions, metrics, logger } = service;
  const http = makeHttpServer(service);
  http.on('upgrade', service.onUpgrade);
  await listen(http, config);

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

  const { port } = http.address() as AddressInfo;
  const host = config.host.includes(':') ? `[${config.host}]` : config.host;
  const url = `${config.tlsCert === undefined ? 'http' : 'https'}://${host}:${port}`;
  logger.info({ url }, 'listening');
  return { url, port, maxStreams, sessions, metrics, drain, close };
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

function makeHttpServer({ config, onRequest }: Service): Server {
  const limits = { ...TIMEOUTS, maxHeaderSize: 16_384 };
  const { tlsCert, tlsKey } = config;
  const server =
    tlsCert === undefined || tlsKey === undefined
      ? createHttpServer(limits, onRequest)
      : makeTlsServer({ ...limits, ...readPair(tlsCert, tlsKey), handshakeTimeout: HANDSHAKE_MS }, onRequest);
  limitConnections(server, config.maxConnections);
  server.setTimeout(SILENT_MS);
  // An expectation that is not known is no reason to refuse: RFC 9110, 10.1.1.
  server.on('checkExpectation', onRequest);
  server.on('clientError', onClientError);
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

/** @throws {WhospeaksError} `server-config` where certificate and key are not what they should be */
function makeTlsServer(
  options: Parameters<typeof createHttpsServer>[0],
  onRequest: Service['onRequest'],
): Server {
  try {
    return createHttpsServer(options, onRequest);
  } catch (error) {
    throw new WhospeaksError(
      'server-config',
      `tlsCert and tlsKey are no PEM certificate and its key: ${(error as Error).message}; check the files`,
      { cause: error },
    );
  }
}

function readPair(cert: string, key: string): { cert: string; key: string } {
  return { cert: readPem(cert), key: readPem(key) };
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
