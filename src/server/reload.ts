import { statSync } from 'node:fs';
import type { Logger } from 'pino';
import { isWhospeaksError } from '../errors.js';
import type { Gatekeeper } from './access/gatekeeper.js';
import { ANYBODY } from './access/principal.js';
import type { TokenBook } from './access/tokens.js';
import type { ServerConfig, ServerConfigInput } from './config.js';
import { faultOf } from './fault.js';
import { checkReload, isOpen, tokensOf } from './load-config.js';

/** What changes while the service runs; certificates are those of the server that listens. */
const RELOADED = ['tokens', 'tokensFile', 'allowedOrigins', 'logLevel', 'tlsCert', 'tlsKey'] as const;
/** How often the tokens file is looked at, ms. */
const LOOK_MS = 1000;

export interface ReloaderParts {
  readonly tokens: TokenBook;
  readonly groups: { open(names: readonly string[]): Promise<void> };
  readonly gatekeeper: Gatekeeper;
  readonly logger: Logger;
  /** Does nothing where the log is the caller's own. */
  readonly setLogLevel: (level: ServerConfig['logLevel']) => void;
}

/** The groups that those who are let in belong to. */
export function groupsOf(tokens: Pick<TokenBook, 'isOpen' | 'groups'>): readonly string[] {
  return tokens.isOpen ? [ANYBODY.group] : tokens.groups;
}

/** Takes over settings while the service runs, one change after the other. */
export class Reloader {
  readonly #parts: ReloaderParts;
  #config: ServerConfig;
  #last: Promise<unknown> = Promise.resolve();

  constructor(config: ServerConfig, parts: ReloaderParts) {
    this.#config = config;
    this.#parts = parts;
  }

  /** As the settings are now. */
  get tokensFile(): string | undefined {
    return this.#config.tokensFile;
  }

  /** See `Service.reload`. */
  reload(settings: ServerConfigInput): Promise<readonly string[]> {
    return this.#inTurn(async () => {
      const config = checkReload(settings);
      await this.#takeTokens(config);
      const { gatekeeper, logger, setLogLevel } = this.#parts;
      gatekeeper.allowedOrigins = config.allowedOrigins;
      setLogLevel(config.logLevel);
      const before = this.#config;
      this.#config = config;
      const waiting = Object.keys(config).filter(
        (name) =>
          !(RELOADED as readonly string[]).includes(name) &&
          JSON.stringify(config[name as keyof ServerConfig]) !==
            JSON.stringify(before[name as keyof ServerConfig]),
      );
      logger.info({ tokens: this.#parts.tokens.size }, 'settings were read again');
      if (waiting.length > 0) logger.warn({ settings: waiting }, 'these settings wait for a restart');
      return waiting;
    });
  }

  /** The tokens file changed. Never rejects: where it cannot be read, the tokens stay as they were. */
  async reloadTokens(): Promise<void> {
    const { tokens, logger } = this.#parts;
    try {
      await this.#inTurn(() => this.#takeTokens(this.#config));
      logger.info({ tokens: tokens.size }, 'the tokens were read again');
    } catch (error) {
      const why = isWhospeaksError(error)
        ? { code: error.code, why: error.message }
        : { err: faultOf(error) };
      logger.error(why, 'the tokens cannot be read again, those before stay');
    }
  }

  async #takeTokens(config: ServerConfig): Promise<void> {
    const { tokens, groups } = this.#parts;
    const records = tokensOf(config);
    const open = isOpen(config);
    await groups.open(groupsOf({ isOpen: open, groups: records.map(({ group }) => group) }));
    tokens.replace(records, open);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}

/** What changes where a file is another: one that is put in its place, or a link that leads elsewhere, counts too. */
export function signOfFile(file: string | undefined): string {
  const stats = file === undefined ? undefined : statSync(file, { throwIfNoEntry: false });
  return stats === undefined ? '' : `${file} ${stats.ino} ${stats.mtimeMs} ${stats.size}`;
}

/**
 * Call `onChange` when the file is another than it was when it was read.
 * @param fileNow which file it is; a reload may name another
 * @param readAs `signOfFile` before it was read
 * @returns how to stop
 */
export function watchTokensFile(
  fileNow: () => string | undefined,
  readAs: string,
  onChange: () => void,
): () => void {
  let seen = readAs;
  const look = (): void => {
    let now = seen;
    try {
      now = signOfFile(fileNow());
    } catch {
      // Its folder cannot be read now; it may be readable later.
    }
    if (now === seen) return;
    seen = now;
    onChange();
  };
  const timer = setInterval(look, LOOK_MS).unref();
  return () => {
    clearInterval(timer);
  };
}
