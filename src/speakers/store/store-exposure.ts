/** Something of the store that works, and should not stay as it is. */
export interface StoreWarning {
  readonly code: 'store-exposed' | 'store-unencrypted';
  /** What is wrong, and what to do about it. */
  readonly message: string;
}

/** Everybody but the owner. */
const OTHERS = 0o077;

/** Voiceprints are personal: who else may read or change them is told. Windows has no such rights. */
export function exposures(
  folder: string,
  folderMode: number,
  files: readonly { readonly file: string; readonly mode: number }[],
): StoreWarning[] {
  if (process.platform === 'win32') return [];
  const warnings: StoreWarning[] = [];
  const warn = (what: string, mode: number, remedy: string): void => {
    const shown = (mode & 0o777).toString(8).padStart(3, '0');
    const message = `${what} open to other users of this machine (mode ${shown}); close it: ${remedy}`;
    warnings.push({ code: 'store-exposed', message });
  };
  if ((folderMode & OTHERS) !== 0)
    warn(`the speaker store ${folder} is`, folderMode, `chmod 700 "${folder}"`);
  const open = files.filter(({ mode }) => (mode & OTHERS) !== 0);
  if (open.length > 0) {
    const what =
      open.length === 1
        ? `the voiceprint ${open[0]!.file} in ${folder} is`
        : `${open.length} voiceprints in ${folder} are`;
    warn(what, open[0]!.mode, `chmod 600 "${folder}"/*.json`);
  }
  return warnings;
}

/** With a key given, what was stored without one is told. */
export function unencrypted(folder: string, count: number): StoreWarning[] {
  if (count === 0) return [];
  const what = count === 1 ? 'a voiceprint' : `${count} voiceprints`;
  const message = `${what} in ${folder} of before the key was given ${count === 1 ? 'is' : 'are'} not encrypted; encrypt: whospeaks speakers rotate-key`;
  return [{ code: 'store-unencrypted', message }];
}
