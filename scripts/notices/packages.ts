import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A package that users get, as it lies in node_modules. */
export interface Package {
  readonly name: string;
  readonly version: string;
  /** As its manifest says, whatever that is. */
  readonly licence: unknown;
  readonly source: string;
  /** Its licence and notice files, as one text; empty where it has none. */
  readonly text: string;
  /** It holds WebAssembly or native code. */
  readonly compiled: boolean;
}

interface Lock {
  readonly packages: Readonly<Record<string, { dev?: boolean; version?: string }>>;
}

/** Folders in node_modules of all that `npm install whospeaks` brings, optional packages too. */
export function productionFolders(root: string): string[] {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lock;
  return Object.entries(lock.packages).flatMap(([folder, { dev }]) =>
    folder === '' || dev === true ? [] : [folder],
  );
}

export function readPackage(root: string, folder: string): Package {
  const path = join(root, folder);
  if (!existsSync(join(path, 'package.json'))) {
    throw new Error(`${folder} is missing; install all packages, optional ones too: npm ci --ignore-scripts`);
  }
  const manifest = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as Record<string, unknown>;
  const files = readdirSync(path).filter((file) =>
    /^(licen[cs]e|copying|notice|copyrightnotice)/i.test(file),
  );
  return {
    name: String(manifest.name),
    version: String(manifest.version),
    licence: manifest.license,
    source: sourceOf(manifest.repository ?? manifest.homepage),
    text: files
      .sort()
      .map((file) => normal(readFileSync(join(path, file), 'utf8')))
      .join('\n\n'),
    compiled: existsSync(join(path, 'binding.gyp')) || holdsWasm(path),
  };
}

/** Line ends and trailing space differ between systems; they say nothing. */
export function normal(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replace(/[\t ]+$/gm, '')
    .replace(/^\n+|\n+$/g, '');
}

function sourceOf(repository: unknown): string {
  const url =
    typeof repository === 'object' && repository !== null && 'url' in repository
      ? repository.url
      : repository;
  if (typeof url !== 'string') return '';
  const plain = url
    .replace(/^git\+/, '')
    .replace(/^git:/, 'https:')
    .replace(/\.git$/, '');
  const short = /^(?:github:)?([\w.-]+\/[\w.-]+)$/.exec(plain);
  return short
    ? `https://github.com/${short[1]!}`
    : plain.replace(/^(ssh:\/\/)?git@github\.com[:/]/, 'https://github.com/');
}

/** As a file, or inside a script. */
function holdsWasm(folder: string): boolean {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).some((entry) => {
    if (!entry.isFile() || join(entry.parentPath).slice(folder.length).includes('node_modules')) return false;
    if (entry.name.endsWith('.wasm')) return true;
    return (
      /\.[cm]?js$/.test(entry.name) &&
      readFileSync(join(entry.parentPath, entry.name), 'utf8').includes('WebAssembly')
    );
  });
}
