import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { WhospeaksError } from '../errors.js';
import { isLoopback } from './access/origin.js';
import type { TokenRecord } from './access/tokens.js';
import { configSchema, tokensFileSchema, type ServerConfig, type ServerConfigInput } from './config.js';

const ENV_PREFIX = 'WHOSPEAKS_SERVE_';

/** Settings by name, as one of the three places gives them: JSON values, or text. */
export type Settings = Readonly<Record<string, unknown>>;

/** Where settings come from. */
export interface SettingsPlaces {
  readonly file?: string | undefined;
  readonly env?: NodeJS.ProcessEnv;
  readonly flags?: Settings;
}

/**
 * The settings out of file, environment and flags, not checked yet.
 * @throws {WhospeaksError} `server-config`, naming what cannot be read
 */
export function readSettings({ file, env = {}, flags = {} }: SettingsPlaces): Settings {
  const fromFile = file === undefined ? {} : readJson(file);
  return { ...fromFile, ...envSettings(env), ...fromText(flags) };
}

/**
 * The configuration out of file, environment and flags, checked.
 * @throws {WhospeaksError} `server-config`, naming the setting and the place it came from
 */
export function loadConfig(places: SettingsPlaces): ServerConfig {
  return checkConfig(readSettings(places));
}

/** Settings with their defaults, checked. @throws {WhospeaksError} `server-config`, naming the setting */
export function checkConfig(settings: Settings | ServerConfigInput): ServerConfig {
  const config = checkReload(settings);
  // A server that runs goes on without a token: nobody is let in then. One that starts so is a mistake.
  if (tokensOf(config).length === 0) assertLoopback(config.host);
  return config;
}

/** As `checkConfig`, of a server that runs: its last token may be revoked. */
export function checkReload(settings: Settings | ServerConfigInput): ServerConfig {
  const parsed = configSchema.safeParse(settings);
  if (!parsed.success) throw configFault(parsed.error);
  const config = parsed.data;
  if ((config.tlsCert === undefined) !== (config.tlsKey === undefined)) {
    throw new WhospeaksError('server-config', 'tlsCert and tlsKey belong together; give both or none');
  }
  if (config.fleet !== undefined && config.keepAudioDays > 0) {
    throw new WhospeaksError(
      'server-config',
      'a fleet keeps no recordings of enrolments; leave "keepAudioDays" out',
    );
  }
  tokensOf(config);
  if (isOpen(config)) assertLoopback(config.host);
  telephonySecrets(config);
  return config;
}

/** The tokens of the configuration and those of its file, as it is now. @throws {WhospeaksError} `server-config` */
export function tokensOf({ tokens, tokensFile }: Pick<ServerConfig, 'tokens' | 'tokensFile'>): TokenRecord[] {
  const all = [...tokens, ...(tokensFile === undefined ? [] : readTokensFile(tokensFile))];
  const ids = all.map(({ id }) => id);
  const twice = ids.find((id, i) => ids.indexOf(id) !== i);
  if (twice === undefined) return all;
  throw new WhospeaksError('server-config', `two tokens have the id "${twice}"; give each its own`);
}

/**
 * The secrets of telephony as their files have them now.
 * @throws {WhospeaksError} `server-config` where one is missing that another setting needs
 */
export function telephonySecrets(config: ServerConfig): TelephonySecrets {
  const {
    telephonyWebhook,
    telephonyWebhookUrls,
    telephonyWebhookSecretFile,
    twilioAuthTokenFile,
    publicUrl,
  } = config;
  const posts = telephonyWebhook !== undefined || telephonyWebhookUrls.length > 0;
  if (posts && telephonyWebhookSecretFile === undefined) {
    throw new WhospeaksError(
      'server-config',
      'a webhook is signed: give "telephonyWebhookSecretFile", a file with whsec_ and what "openssl rand -base64 32" prints',
    );
  }
  if (twilioAuthTokenFile !== undefined && publicUrl === undefined) {
    throw new WhospeaksError(
      'server-config',
      'what Twilio signs has the address that it calls: give "publicUrl" beside "twilioAuthTokenFile"',
    );
  }
  return {
    webhookKey: telephonyWebhookSecretFile === undefined ? null : webhookKeyOf(telephonyWebhookSecretFile),
    twilioAuthToken: twilioAuthTokenFile === undefined ? null : readText(twilioAuthTokenFile).trim(),
  };
}

export interface TelephonySecrets {
  readonly webhookKey: Buffer | null;
  readonly twilioAuthToken: string | null;
}

function webhookKeyOf(file: string): Buffer {
  const secret = readText(file).trim();
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  if (secret.startsWith('whsec_') && key.length >= 24 && key.length <= 64) return key;
  throw new WhospeaksError('server-config', `${file}: expected whsec_ and 24 to 64 bytes in base64`);
}

/** Whether everybody is let in: no token and no file of tokens is configured. */
export function isOpen({ tokens, tokensFile }: Pick<ServerConfig, 'tokens' | 'tokensFile'>): boolean {
  return tokens.length === 0 && tokensFile === undefined;
}

function assertLoopback(host: string): void {
  if (isLoopback(host)) return;
  throw new WhospeaksError(
    'server-config',
    `refusing to listen on ${host} without a token, because anybody could use it; make one with ` +
      '"whospeaks token --file tokens.json --group NAME" and give --tokens-file tokens.json',
  );
}

/** @throws {WhospeaksError} `server-config` where the file cannot be read or is no list of tokens */
export function readTokensFile(file: string): TokenRecord[] {
  const parsed = tokensFileSchema.safeParse(readJson(file));
  if (parsed.success) return parsed.data.tokens;
  throw configFault(parsed.error, `${file}: `);
}

/** `WHOSPEAKS_SERVE_MAX_STREAMS=8` is `maxStreams: 8`. A name that means nothing is a fault: it is misspelt. */
function envSettings(env: NodeJS.ProcessEnv): Settings {
  const settings: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith(ENV_PREFIX) || value === undefined || value === '') continue;
    const key = name
      .slice(ENV_PREFIX.length)
      .toLowerCase()
      .replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    if (!(key in configSchema.shape))
      throw new WhospeaksError('server-config', `${name} is not a setting; check its name`);
    settings[key] = value;
  }
  return fromText(settings);
}

/** Text becomes what the setting is: a number, or a list with commas. */
function fromText(settings: Settings): Settings {
  return Object.fromEntries(
    Object.entries(settings)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key, typeof value === 'string' ? textValue(key, value) : value]),
  );
}

function textValue(key: string, text: string): unknown {
  if (['allowedOrigins', 'recordingUrls', 'telephonyWebhookUrls'].includes(key))
    return text.split(',').filter((origin) => origin !== '');
  if (key === 'tokens') return parseJson('tokens', text);
  if (key === 'refuseWhenBehind' || key === 'auditNames')
    return text === 'true' ? true : text === 'false' ? false : text;
  const takesNumber = !configSchema.shape[key as keyof typeof configSchema.shape].safeParse(text).success;
  return takesNumber && text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new WhospeaksError('server-config', `cannot read ${file}; check its name and permissions`, {
      cause: error,
    });
  }
}

function readJson(file: string): Settings {
  const json = parseJson(file, readText(file));
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new WhospeaksError('server-config', `${file} is not a JSON object`);
  }
  return json as Settings;
}

function parseJson(where: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new WhospeaksError('server-config', `${where} is not JSON: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function configFault(error: z.ZodError, where = ''): WhospeaksError {
  const issue = error.issues[0]!;
  if (issue.code === 'unrecognized_keys') {
    return new WhospeaksError(
      'server-config',
      `${where}unknown setting ${issue.keys.map((key) => `"${key}"`).join(', ')}`,
    );
  }
  return new WhospeaksError('server-config', `${where}setting "${issue.path.join('.')}": ${issue.message}`);
}
