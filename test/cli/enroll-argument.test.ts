import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseEnroll } from '../../src/cli/enroll-argument.js';

const folder = mkdtempSync(join(tmpdir(), 'whospeaks-enroll-'));
const file = (name: string): string => {
  writeFileSync(join(folder, name), '');
  return join(folder, name);
};

test('a comma is part of a path where there is such a file', () => {
  const [plain, comma, twice] = [file('b.wav'), file('Doe, John.wav'), file('a,b,c.wav')];
  const filesOf = (list: string) => parseEnroll(`john=${list}`)[0]!.files;
  expect(filesOf(comma)).toEqual([comma]);
  expect(filesOf(`${plain},${comma},${twice}`)).toEqual([plain, comma, twice]);
  expect(filesOf(`none.wav,${comma},`)).toEqual(['none.wav', comma]);
  expect(parseEnroll(comma)).toEqual([{ name: 'Doe, John', files: [comma] }]);
  expect(() => parseEnroll('john=,')).toThrow(/expected FILE or NAME=FILE/);
});
