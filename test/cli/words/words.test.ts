import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readRttm } from '../../../src/evaluate/index.js';
import { runHere } from '../../cli-in-process.js';
import { AUDIO } from '../../helpers.js';

const folder = mkdtempSync(join(tmpdir(), 'whospeaks-words-'));
const MEETING = `${AUDIO}/meeting.wav`;
const ENROLL = ['--enroll', `${AUDIO}/alice.wav`, '--enroll', `bob=${AUDIO}/bob.wav`];
const turns = readRttm(readFileSync(`${AUDIO}/meeting.rttm`, 'utf8'));

/** A word in each 0.5 s of the truth, called after whoever says it, as Vosk tells words. */
const said = turns.flatMap(({ speaker, startSeconds, endSeconds }) =>
  Array.from({ length: Math.floor((endSeconds - startSeconds) / 0.5) }, (_, i) => ({
    word: speaker,
    start: startSeconds + 0.5 * i,
    end: startSeconds + 0.5 * i + 0.45,
    conf: 1,
  })),
);
function transcript(name: string, document: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof document === 'string' ? document : JSON.stringify(document));
  return path;
}
const moved = (seconds: number) =>
  said.map(({ start, end, ...word }) => ({ ...word, start: start + seconds, end: end + seconds }));

describe('words', () => {
  it('prints who said what', async () => {
    const ran = await runHere([
      'words',
      transcript('a.json', { result: said, text: '' }),
      MEETING,
      ...ENROLL,
    ]);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    const lines = ran.stdout.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^00:0\d\.\d {2}alice: alice( alice)*$/);
    const words = lines.flatMap((line) => {
      const [, speaker, text] = /^\S+ {2}(\S+): (.*)$/.exec(line)!;
      return text!.split(' ').map((word) => [word, speaker]);
    });
    expect(words).toHaveLength(said.length);
    const nameOf = (word: string): string => (['alice', 'bob'].includes(word) ? word : 'unknown-1');
    expect(words.filter(([word, speaker]) => speaker !== nameOf(word!))).toEqual([]);
  });

  it('writes files, says what is estimated, and takes captions', async () => {
    const cues = turns.map(
      ({ startSeconds, endSeconds, speaker }) =>
        `00:00:${startSeconds.toFixed(3)} --> 00:00:${endSeconds.toFixed(3)}\n${speaker} speaks\n\n`,
    );
    const path = transcript('captions.bin', `WEBVTT\n\n${cues.join('')}`);
    const out = join(folder, 'out');
    const ran = await runHere([
      'words',
      path,
      MEETING,
      ...ENROLL,
      '--format',
      'vtt,md,ctm',
      '--out-dir',
      out,
    ]);
    expect(ran.code).toBe(0);
    expect(ran.stderr).toMatch(/^warning: .*captions\.bin: the times of \d+ of \d+ words are estimated/);
    expect(readdirSync(out).sort()).toEqual(['meeting.ctm', 'meeting.md', 'meeting.vtt']);
    expect(readFileSync(join(out, 'meeting.vtt'), 'utf8')).toContain('<v bob>bob speaks</v>');
  });

  it("says that a transcript is another recording's", async () => {
    const path = transcript('other.json', { result: moved(300), text: '' });
    const ran = await runHere(['words', path, MEETING]);
    expect(ran.code).toBe(0);
    expect(ran.stderr).toMatch(
      /^warning: .*other\.json may be another recording's: .* 0 % is speech in .*meeting\.wav, \d+ words begin after/m,
    );
    expect(ran.stdout).toMatch(/^05:0\d\.\d {2}unknown: /);
  });

  it('refuses what it cannot read before a model is loaded', async () => {
    const cases = [
      [transcript('prose.txt', 'He said hello.'), 3, /prose\.txt: no transcript .*\[transcript-format\]/],
      [transcript('plain.json', { text: 'hello' }), 3, /plain\.json: .*no times.*\[transcript-times\]/],
      [
        transcript('back.json', { result: [...moved(50), ...said], text: '' }),
        3,
        /back\.json: word \d+ .*times go backwards \[transcript-times\]/,
      ],
      [join(folder, 'absent.json'), 3, /\[file-not-found\]/],
    ] as const;
    for (const [path, code, message] of cases) {
      const ran = await runHere(['words', path, MEETING, '--model', '/no/such/model']);
      expect(ran).toMatchObject({ code, stdout: '' });
      expect(ran.stderr).toMatch(message);
    }
    const path = transcript('two.json', { result: said, text: '' });
    const two = await runHere(['words', path, MEETING, '--format', 'vtt,md']);
    expect(two).toMatchObject({ code: 2 });
    const none = await runHere(['words', path, MEETING, '--format', 'rttm']);
    expect(none.stderr).toContain('"rttm" is none of txt, md, json, srt, vtt, ctm, stm');
  });

  it('never writes over what it reads', async () => {
    const path = transcript('meeting.json', { result: said, text: '' });
    const kept = readFileSync(path, 'utf8');
    const ran = await runHere(['words', path, MEETING, '--format', 'txt,json', '--out-dir', folder]);
    expect(ran).toMatchObject({ code: 2, stdout: '' });
    expect(ran.stderr).toMatch(/--out-dir: .*meeting\.json would be written over .*\[invalid-option\]/);
    expect(readFileSync(path, 'utf8')).toBe(kept);
    expect(readdirSync(folder)).not.toContain('meeting.txt');
  });
});
