import { join } from 'node:path';
import envPaths from 'env-paths';

/** Where whospeaks keeps what is the user's: `$WHOSPEAKS_HOME`, else the user's data folder. */
export function defaultDataFolder(): string {
  const home = process.env.WHOSPEAKS_HOME;
  return home === undefined || home === '' ? envPaths('whospeaks', { suffix: '' }).data : home;
}

export function defaultStoreFolder(): string {
  return join(defaultDataFolder(), 'speakers');
}
