import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const folder = mkdtempSync(join(tmpdir(), 'evaluate-'));
export const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
export const rttm = (recording: string, turns: string): string =>
  turns
    .split(', ')
    .map((turn) => turn.split(' '))
    .map(
      ([who, start, end]) =>
        `SPEAKER ${recording} 1 ${start!} ${Number(end) - Number(start)} <NA> <NA> ${who!} <NA> <NA>\n`,
    )
    .join('');
