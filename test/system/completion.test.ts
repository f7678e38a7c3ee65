import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { whospeaks } from '../helpers.js';

const folder = mkdtempSync(join(tmpdir(), 'whospeaks-completion-'));

async function script(shell: string): Promise<string> {
  const { stdout } = await whospeaks(['completion', shell]);
  const path = join(folder, `whospeaks.${shell}`);
  writeFileSync(path, stdout);
  return path;
}

it('fish completes commands, options, choices and files', async () => {
  const path = await script('fish');
  const offered = (line: string): string[] =>
    execFileSync('fish', ['-c', `source ${path}; complete -C '${line}'`], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .map((row) => row.split('\t')[0]!);
  expect(offered('whospeaks mo')).toEqual(['model']);
  expect(offered('whospeaks listen --engine ')).toEqual(['auto', 'cpu', 'mlx', 'onnx']);
  expect(offered('whospeaks speakers ren')).toEqual(['rename']);
  expect(offered('whospeaks listen --mi')).toEqual(['--mic']);
  expect(offered(`whospeaks listen ${folder}/whospeaks.f`)).toEqual([path]);
});

it('zsh completes commands, options and choices', async () => {
  const path = await script('zsh');
  // zsh completes at a terminal alone: its module makes one.
  const session = join(folder, 'session.zsh');
  const lines = [
    'whospeaks mo',
    'whospeaks listen --engine ',
    'whospeaks speakers ren',
    'whospeaks listen --mi',
  ];
  writeFileSync(
    session,
    `zmodload zsh/zpty
zpty shell zsh -f -i
say() { zpty -w -n shell "$1"; sleep 1; while zpty -r -t shell text; do print -rn -- $text; done }
say "autoload -U compinit; compinit -u -d ${folder}/dump; source ${path}"$'\\n' > /dev/null
${lines.map((line) => `say '${line}'$'\\t'; say $'\\C-u' > /dev/null`).join('\n')}
`,
  );
  const screen = execFileSync('zsh', ['-f', session], { encoding: 'utf8' }).replaceAll(
    /\x1b\[[0-9;?]*[a-zA-Z]/g,
    '',
  );
  for (const found of [
    /whospeaks model/,
    /auto +cpu +mlx/,
    /whospeaks speakers rename/,
    /whospeaks listen --mic/,
  ]) {
    expect(screen).toMatch(found);
  }
});
