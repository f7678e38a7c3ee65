import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { WhospeaksError } from '../errors.js';
import { isLoopback } from './access/origin.js';
import type { TokenRecord } from './access/tokens.js';
import { configSchema, tokensFileSchema, type ServerConfig, type ServerConfigInput } from './config.js';

const ENV_PREFIX = 'WHOSPEAKS_SERVE_';

/** Settings by name, as one of the three places gives them: JSON values, or text. */
export type Settings = Readonly<Record<string, unknown>>;

/**
 * The configuration out of file, environment and flags, checked.
 * @throws {WhospeaksError} `server-config`, naming the setting and the place it came from
 */
export function loadConfig(places: {
  readonly file?: string | undefined;
  readonly env?: NodeJS.ProcessEnv;
  readonly flags?: Settings;
}): ServerConfig {
  const fromFile = places.file === undefined ? {} : readJson(places.file);
  const fromEnv = envSettings(places.env ?? {});
  const merged = { ...fromFile, ...fromEnv, ...fromText(places.flags ?? {}) };
  return checkConfig(merged);
}

/** Settings with their defaults, checked. @throws {WhospeaksError} `server-config`, naming the setting */
export function checkConfig(settings: Settings | ServerConfigInput): ServerConfig {
  const parsed = configSchema.safeParse(settings);
  if (!parsed.success) throw configFault(parsed.error);
  const config = withTokensFile(parsed.data);
  assertSafe(config);
  return config;
}

/** Rules that span settings. @throws {WhospeaksError} `server-config` */
function assertSafe(config: ServerConfig): void {
  if (config.tokens.length === 0 && !isLoopback(config.host)) {
    throw new WhospeaksError(
      'server-config',
      `will not listen on ${config.host} without a token, for anybody could use it; make one with ` +
        '"whospeaks token --file tokens.json --group NAME" and give --tokens-file tokens.json',
    );
  }
  if ((config.tlsCert === undefined) !== (config.tlsKey === undefined)) {
    throw new WhospeaksError('server-config', 'tlsCert and tlsKey belong together; give both or none');
  }
  const ids = config.tokens.map(({ id }) => id);
  const twice = ids.find((id, i) => ids.indexOf(id) !== i);
  if (twice !== undefined) {
    throw new WhospeaksError('server-config', `two tokens have the id "${twice}"; give each its own`);
  }
}

/** @throws {WhospeaksError} `server-config` where the file cannot be read or is no list of tokens */
export function readTokensFile(file: string): TokenRecord[] {
  const parsed = tokensFileSchema.safeParse(readJson(file));
  if (parsed.success) return parsed.data.tokens;
  throw configFault(parsed.error, `${file}: `);
}

/** The file's tokens among the others; read once, so that a checked configuration may be checked again. */
function withTokensFile({ tokensFile, ...config }: ServerConfig): ServerConfig {
  if (tokensFile === undefined) return config;
  return { ...config, tokens: [...config.tokens, ...readTokensFile(tokensFile)] };
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
  if (key === 'allowedOrigins') return text.split(',').filter((origin) => origin !== '');
  if (key === 'tokens') return parseJson('tokens', text);
  if (key === 'refuseWhenBehind') return text === 'true' ? true : text === 'false' ? false : text;
  const takesNumber = !configSchema.shape[key as keyof typeof configSchema.shape].safeParse(text).success;
  return takesNumber && text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}

function readJson(file: string): Settings {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new WhospeaksError('server-config', `cannot read ${file}; check its name and permissions`, {
      cause: error,
    });
  }
  const json = parseJson(file, text);
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
