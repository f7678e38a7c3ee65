import { fetchModelFile } from './fetch-model-file.js';

/** Where a file of a model's folder lies: it has the folder's URL, unless the page says where the bundled ones are. */
const known = new Map<string, string>();

/** The files of the bundled model, by name, under the folder that `pretrained.ts` calls so. */
export function placeBundled(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [file, url] of Object.entries(files)) known.set(`${folder}/${file}`, url);
}

export function pathBeside(folder: string, file: string): string {
  return known.get(`${folder}/${file}`) ?? new URL(file, `${folder}/`).href;
}

/** Rejects with `model-not-found` or `model-download`. */
export function bytesBeside(folder: string, file: string): Promise<Uint8Array> {
  return fetchModelFile(pathBeside(folder, file));
}
