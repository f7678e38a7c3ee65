import { z } from 'zod';
import { ENGINE_CHOICES, PRECISION_CHOICES } from '../native/engine-names.js';
import { GROUP_PATTERN, tokenSchema } from './access/tokens.js';
import { PUBLIC } from './recordings/url-policy.js';

const seconds = (most: number): z.ZodNumber => z.number().gt(0).max(most);

/**
 * Everything that can be set, in the configuration file (JSON); the same names in capitals with underscores and
 * `WHOSPEAKS_SERVE_` before them are environment variables (`WHOSPEAKS_SERVE_MAX_STREAMS`), in kebab-case with two
 * dashes flags of `whospeaks serve` (`--max-streams`). A flag goes before the environment, that before the file.
 */
export const configSchema = z.strictObject({
  /** Address to listen on. Beyond this machine only with tokens. */
  host: z.string().min(1).default('127.0.0.1'),
  /** 0: any free port. */
  port: z.int().min(0).max(65_535).default(7979),
  /** Path that everything of the service lies below, the page, HTTP and WebSockets: `/voices`. */
  basePath: z
    .string()
    .regex(/^(\/[\w.~-]+)*\/?$/, 'expected a path such as /voices')
    .transform((path) => path.replace(/\/$/, ''))
    .default(''),
  /** Certificate chain, a PEM file; with `tlsKey` or not at all. Without it TLS is a proxy's business. */
  tlsCert: z.string().optional(),
  /** Private key, a PEM file. */
  tlsKey: z.string().optional(),
  /** File with the tokens' hashes: see `whospeaks token`. */
  tokensFile: z.string().optional(),
  /** The same as in `tokensFile`: `[{id, group, sha256, operator?, maxStreams?}]`. */
  tokens: z.array(tokenSchema).default([]),
  /** Origins of other web pages that may use the server. */
  allowedOrigins: z.array(z.url()).default([]),
  /**
   * Where speakers are kept: `speakers/` of group `default`, which is the command line's too, `groups/NAME/` of others.
   * Default `$WHOSPEAKS_HOME` or the user's data folder.
   */
  dataFolder: z.string().min(1).optional(),
  /**
   * The fleet that this server belongs to: `nats://HOST:4222/DEPLOYMENT`, whose speakers, events and sessions it shares; see
   * docs/fleet.md. Then `dataFolder` has no speakers.
   */
  fleet: z.string().min(1).optional(),
  /**
   * Address at which clients reach this server alone, and not another of the fleet: a full server sends them there. Without it,
   * as behind a balancer, a full server answers with 503.
   */
  fleetAddress: z.url({ protocol: /^https?$/ }).optional(),
  /** How long a fleet keeps the events of streams. */
  fleetKeepSeconds: z.int().min(60).max(2_592_000).default(3600),
  /** How much it keeps of them in all, whichever is less. */
  fleetKeepBytes: z
    .int()
    .min(1024 * 1024)
    .max(2 ** 40)
    .default(1024 * 1024 * 1024),
  /** How much it keeps of the states of running sessions, in all: some 300 kB each. */
  fleetSessionBytes: z
    .int()
    .min(1024 * 1024)
    .max(2 ** 40)
    .default(1024 * 1024 * 1024),
  /** How much it keeps of whole recordings that wait or are heard, and of what came of them, in all. */
  fleetRecordingBytes: z
    .int()
    .min(1024 * 1024)
    .max(2 ** 44)
    .default(2 * 1024 * 1024 * 1024),
  /** Model name or file; default the bundled one. */
  model: z.string().optional(),
  /** What runs the network; `auto` takes mlx where it has a GPU. */
  engine: z.enum(ENGINE_CHOICES).default('auto'),
  /** In what the network is computed: see `EngineOptions.precision`. */
  precision: z.enum(PRECISION_CHOICES).default('fp32'),
  /** Threads of the network; default the physical cores within the CPU quota, at most 4. */
  threads: z.int().min(1).max(256).optional(),
  /** Seconds after a turn at which its `final` comes, where the hello does not say it. */
  latencySeconds: z.number().min(0.5).max(10).default(2.5),
  /** Streams in all; `auto` measures at the start what the machine can serve in time. */
  maxStreams: z.union([z.literal('auto'), z.int().min(1).max(10_000)]).default('auto'),
  /** Take no new streams while the network is more than a second behind. */
  refuseWhenBehind: z.boolean().default(true),
  /**
   * Streams of one token that has no `maxStreams`; `auto`: all where it is the only token, else at most four times the
   * free places.
   */
  maxStreamsPerToken: z.union([z.literal('auto'), z.int().min(1).max(10_000)]).default('auto'),
  /** Sockets in all, whatever they are for; at the bound the oldest that is no stream makes room. */
  maxConnections: z.int().min(1).max(100_000).default(1000),
  /** Longest message of a WebSocket. */
  maxMessageBytes: z
    .int()
    .min(4096)
    .max(16 * 1024 * 1024)
    .default(256 * 1024),
  /** Messages of one WebSocket, per second; beyond it the socket is read more slowly. */
  messagesPerSecond: z.int().min(10).max(1_000_000).default(2000),
  /** Times real time; faster live audio is read more slowly. */
  maxLiveSpeed: z.number().min(1).max(100).default(4),
  /** Audio of one stream that may wait for the network. */
  bufferSeconds: z.number().min(1).max(60).default(10),
  /** How long a session waits for its client to resume it. */
  resumeWindowSeconds: seconds(3600).default(60),
  /** A WebSocket without a hello is closed after this long. */
  helloTimeoutSeconds: seconds(300).default(10),
  /** A connection that does not answer pings is closed after this long. */
  idleTimeoutSeconds: seconds(3600).default(30),
  /** A stream without audio ends after this long. */
  audioTimeoutSeconds: seconds(86_400).default(300),
  /** How long streams may go on after SIGTERM. */
  drainSeconds: z.number().min(0).max(3600).default(10),
  /** How long a ticket for a WebSocket is valid. */
  ticketSeconds: seconds(300).default(30),
  /** HTTP requests of one token, on average. */
  requestsPerSecond: z.number().gt(0).max(10_000).default(20),
  /** HTTP requests of one token at once. */
  requestBurst: z.int().min(1).max(10_000).default(100),
  /** All recordings of one enrolment, verification or identification. */
  maxUploadBytes: z
    .int()
    .min(1024)
    .max(1024 * 1024 * 1024)
    .default(32 * 1024 * 1024),
  /** Speakers of one group; each takes room on the disk, in memory and in every search. */
  maxSpeakers: z.int().min(1).max(1_000_000).default(10_000),
  /** Days that a speaker that was removed can be restored; 0: removing erases. */
  trashDays: z.number().min(0).max(3650).default(7),
  /** Days that recordings of enrolments are kept, so that profiles can be made again for another model; 0: none are. */
  keepAudioDays: z.number().min(0).max(3650).default(0),
  /** Keys that encrypt what is stored, one a line; default `$WHOSPEAKS_STORE_KEY` or `$WHOSPEAKS_STORE_KEY_FILE`. */
  storeKeyFile: z.string().min(1).optional(),
  /** Longest recording to enrol from. */
  maxEnrollSeconds: z.number().min(2).max(36_000).default(600),
  /** Longest upload to `POST /v1/recordings`. */
  maxRecordingBytes: z
    .int()
    .min(1024)
    .max(64 * 1024 * 1024 * 1024)
    .default(1024 * 1024 * 1024),
  /** Where recordings may be fetched from: origins (`http://10.0.0.5:8080`), and `public` for every public https address. */
  recordingUrls: z.array(z.union([z.literal(PUBLIC), z.url({ protocol: /^https?$/ })])).default([]),
  /** How long fetching one may take. */
  recordingFetchSeconds: seconds(86_400).default(600),
  /** Where the events of telephone calls are posted to. */
  telephonyWebhook: z.url({ protocol: /^https?$/ }).optional(),
  /** File with the secret that signs them: `whsec_` and 24 to 64 bytes in base64. */
  telephonyWebhookSecretFile: z.string().min(1).optional(),
  /** Where a call's own parameter `webhook` may lead instead: as `recordingUrls`. */
  telephonyWebhookUrls: z.array(z.union([z.literal(PUBLIC), z.url({ protocol: /^https?$/ })])).default([]),
  /** File with the auth token of the Twilio account: calls must be signed with it then. */
  twilioAuthTokenFile: z.string().min(1).optional(),
  /** Address of this server as Twilio has it: `wss://voices.example.com`, with `basePath`. */
  publicUrl: z.url({ protocol: /^(https?|wss?)$/ }).optional(),
  /** Whole recordings of one group that wait or run; 0: none are taken. */
  maxRecordings: z.int().min(0).max(10_000).default(8),
  /** How long what came of a recording is kept. */
  recordingKeepSeconds: z.number().min(10).max(604_800).default(3600),
  /** What is logged. */
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  /** JSON lines, or text for people; `auto`: text at a terminal. */
  logFormat: z.enum(['auto', 'json', 'text']).default('auto'),
  /** Whether the log's lines of who changed which speaker have the speaker's name. */
  auditNames: z.boolean().default(false),
});

export type ServerConfig = z.output<typeof configSchema>;
export type ServerConfigInput = z.input<typeof configSchema>;

export const tokensFileSchema = z.strictObject({ tokens: z.array(tokenSchema) });

export { GROUP_PATTERN };
