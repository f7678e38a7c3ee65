/** SPDX expressions that any package may have: they ask for their notice and no more. */
const PERMISSIVE = [
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'ISC',
  'MIT',
  'Zlib',
];

/**
 * Copyleft of files or of a library, each by name: what comes with it was looked at. Each stays a package of its own
 * that can be replaced; see the notices' head.
 */
const REVIEWED: Readonly<Record<string, string>> = {
  '@humansignal/audio-file-decoder': 'LGPL-2.1-or-later',
  FFmpeg: 'LGPL-2.1-or-later',
  'codec-parser': 'LGPL-3.0-or-later',
  mpg123: 'LGPL-2.1-only',
};

/** What a package's manifest says, if it is an SPDX expression that we may ship; else an Error that says what to do. */
export function allowedLicence(name: string, licence: unknown): string {
  if (typeof licence === 'string' && (PERMISSIVE.includes(licence) || REVIEWED[name] === licence))
    return licence;
  const stated = typeof licence === 'string' ? `"${licence}"` : 'no SPDX expression';
  throw new Error(
    `${name} has the licence ${stated}, which scripts/notices/licences.ts does not allow; read it, then list it there or do without the package`,
  );
}
