import { readFile } from 'node:fs/promises';
import { WhospeaksError } from '../errors.js';
import { Keys } from '../speakers/store/sealed.js';
import { writeWholeFile } from '../whole-file.js';
import { EXIT } from './exit-codes.js';
import { openSealed, type StoreOption } from './open-store.js';

/**
 * `speakers rotate-key`: a new key into the key file, before the others; every file encrypted anew; then the other keys go. At
 * each moment the file has all keys that are in use, so that a server that reads it goes on, and whoever is killed goes on too.
 */
export async function rotateKey(options: StoreOption): Promise<void> {
  const file = options.keyFile ?? process.env.WHOSPEAKS_STORE_KEY_FILE;
  if (file === undefined || file === '') await resealWithGiven(options);
  else await rotateFile(options, file);
}

async function rotateFile(options: StoreOption, file: string): Promise<void> {
  const before = await readFile(file, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw new WhospeaksError('store-key', `cannot read the key file ${file}; check its permissions`, {
      cause: error,
    });
  });
  if (before !== '') Keys.parse(before, file);
  const made = `${Keys.make()}\n`;
  await write(file, `${made}${before}`);
  const { resealed, failed } = await (await openSealed({ ...options, keyFile: file })).reseal();
  process.stdout.write(
    `encrypted ${resealed} files with a new key, which is in ${file}; keep a copy of it\n`,
  );
  if (failed.length === 0) {
    await write(file, made);
    return;
  }
  process.exitCode = EXIT.speakers;
  process.stderr.write(
    `warning: the old keys stay in ${file}, for these could not be opened: ${failed.join(', ')} [store-key]\n`,
  );
}

/** The keys are in the environment, which is the user's to change. */
async function resealWithGiven(options: StoreOption): Promise<void> {
  const given = process.env.WHOSPEAKS_STORE_KEY;
  if (given === undefined || given === '') {
    throw new WhospeaksError(
      'invalid-option',
      'rotate-key: give --key-file FILE, which is made where there is none, or WHOSPEAKS_STORE_KEY=NEW,OLD',
    );
  }
  const { resealed, failed } = await (await openSealed(options)).reseal();
  process.stdout.write(`encrypted ${resealed} files with the first key of WHOSPEAKS_STORE_KEY\n`);
  if (failed.length === 0) return;
  process.exitCode = EXIT.speakers;
  process.stderr.write(`warning: these could not be opened: ${failed.join(', ')} [store-key]\n`);
}

async function write(file: string, text: string): Promise<void> {
  try {
    await writeWholeFile(file, text, 0o600);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new WhospeaksError('store-key', `cannot write the key file ${file}: ${why}`, { cause: error });
  }
}
