import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ADDON_HEADERS, CONTAINED, HOLDERS, INCORPORATED, MODELS, type Component } from './contained.js';
import { allowedLicence } from './licences.js';
import { normal, productionFolders, readPackage, type Package } from './packages.js';

const HEAD = `Third-party notices of whospeaks

whospeaks itself is under the MIT licence: see the file LICENSE.

This file is written by \`npm run docs:notices\` from the packages that npm installs with whospeaks. The packages
@whospeaks/<platform> are made of the sources of whospeaks and of node-addon-api; @whospeaks/darwin-arm64 also holds MLX,
under the licence in its file LICENSE-MLX. models/segmentation holds weights of others: see below.
models/voices holds recordings of others, CC0 and CC BY 4.0: models/voices/README.md says whose. The page in dist/web is
made of the sources of whospeaks, of rxjs and of tslib. All others are packages of their own, which whospeaks loads at run
time and does not change.

If you pass on a program that holds whospeaks, pass on this file. These parts ask for more:

- FFmpeg, in @humansignal/audio-file-decoder (LGPL-2.1-or-later); mpg123, in mpg123-decoder (LGPL-2.1-only); codec-parser
  (LGPL-3.0-or-later): whoever gets your program must be able to replace the library by a changed one. Keep them separate: as
  packages in node_modules, or as files beside your bundle (decode-audio.wasm is a file of its own; mark the other two as
  external). Say where their source is: it is named below.
`;

const RULE = '='.repeat(80);

/** One text, and all that it is the licence of. */
interface Notice {
  readonly titles: string[];
  readonly text: string;
}

/**
 * The whole file. Throws where a package has a licence that is not allowed, none that can be found, or compiled code
 * of which nobody has said what it is.
 */
export function noticesText(root: string): string {
  const packages = [...productionFolders(root), join('node_modules', ADDON_HEADERS)]
    .map((folder) => readPackage(root, folder))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.version < b.version ? -1 : 1));
  const byName = new Map(packages.map((entry) => [entry.name, entry]));
  const notices = new Map<string, Notice>();
  const add = (title: string, text: string): void => {
    const key = text.replace(/\s+/g, ' ');
    const notice = notices.get(key) ?? { titles: [], text };
    if (!notice.titles.includes(title)) notice.titles.push(title);
    notices.set(key, notice);
  };
  const load = (text: string): string => (text.endsWith('.txt') ? ourText(text) : ownText(byName.get(text)));

  for (const { name, licence, copyright, source, text } of MODELS) {
    add(`${name}, ${allowedLicence(name, licence)}, ${source}`, `${copyright}\n\n${load(text)}`);
  }
  for (const entry of packages) {
    const { name, version, source } = entry;
    const licence = allowedLicence(name, entry.licence);
    add([`${name} ${version}`, licence, source].filter(Boolean).join(', '), ownText(entry));
    const incorporated = INCORPORATED[licence];
    if (incorporated !== undefined) add(`${name} ${version}: what its licence adds to`, load(incorporated));
    for (const component of contained(entry)) {
      const title = `${component.name}, in ${name}, ${allowedLicence(component.name, component.licence)}, ${component.source}`;
      const text = load(component.text);
      add(title, component.text.endsWith('.txt') ? `${component.copyright}\n\n${text}` : text);
    }
  }
  const sections = [...notices.values()].map(({ titles, text }) => `${titles.join('\n')}\n\n${text}\n`);
  return [HEAD, ...sections].join(`\n${RULE}\n`);
}

function contained({ name, compiled }: Package): readonly Component[] {
  const components = CONTAINED[name];
  if (compiled && components === undefined && name !== ADDON_HEADERS) {
    throw new Error(`${name} holds compiled code; say of whose in scripts/notices/contained.ts`);
  }
  return components ?? [];
}

function ownText(entry: Package | undefined): string {
  if (entry === undefined)
    throw new Error('scripts/notices/contained.ts names a package that is not installed');
  if (entry.text !== '') return entry.text;
  const holder = HOLDERS[entry.name];
  if (holder === undefined || entry.licence !== 'MIT') {
    throw new Error(`${entry.name} has no licence file; name its holder in scripts/notices/contained.ts`);
  }
  return `${holder}\n\n${ourText('mit.txt')}`;
}

function ourText(file: string): string {
  return normal(readFileSync(new URL(`texts/${file}`, import.meta.url), 'utf8'));
}
