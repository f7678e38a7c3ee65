import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { referencesIn, type Reference } from '../../measure/diarization/recordings.js';
import { scoreOf } from '../../measure/diarization/score.js';

/** A folder of these files; sound is not read here. */
function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'whospeaks-layout-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

const rttm = (id: string, ...turns: readonly [speaker: string, start: number, seconds: number][]): string =>
  turns
    .map(
      ([speaker, start, seconds]) => `SPEAKER ${id} 1 ${start} ${seconds} <NA> <NA> ${speaker} <NA> <NA>\n`,
    )
    .join('');

const brief = (references: readonly Reference[], folder: string) =>
  references.map(({ id, path, turns, scored }) => ({
    id,
    path: path.slice(folder.length + 1),
    turns: turns.map(({ speaker, startSeconds, endSeconds }) => [speaker, startSeconds, endSeconds]),
    scored: scored?.map(({ startSeconds, endSeconds }) => [startSeconds, endSeconds]) ?? null,
  }));

describe('the layouts of public downloads', () => {
  it('AMI: sound by meeting and microphone, references and UEM files of AMI-diarization-setup', () => {
    const folder = folderOf({
      'amicorpus/ES2004a/audio/ES2004a.Mix-Headset.wav': '',
      'amicorpus/ES2004a/audio/ES2004a.Array1-01.wav': '',
      'amicorpus/IS1009a/audio/IS1009a.Mix-Headset.wav': '',
      'amicorpus/IS1009a/audio/IS1009a.Array1-01.wav': '',
      'amicorpus/EN2001a/audio/EN2001a.Mix-Headset.wav': '',
      'setup/only_words/rttms/test/ES2004a.rttm': rttm('ES2004a', ['MEO015', 1, 2], ['FEE013', 4, 1]),
      'setup/only_words/rttms/test/IS1009a.rttm': rttm('IS1009a', ['FIE088', 0, 3]),
      'setup/uems/test/ES2004a.uem': 'ES2004a 1 0.000 4.5\n',
      'setup/uems/test/IS1009a.uem': 'IS1009a 1 1.000 2.000\n',
    });
    const options = {
      references: join(folder, 'setup/only_words/rttms/test'),
      uem: join(folder, 'setup/uems/test'),
    };
    const ami = join(folder, 'amicorpus');
    expect(brief(referencesIn(ami, { ...options, microphone: 'Mix-Headset' }), ami)).toEqual([
      {
        id: 'ES2004a',
        path: 'ES2004a/audio/ES2004a.Mix-Headset.wav',
        turns: [
          ['MEO015', 1, 3],
          ['FEE013', 4, 5],
        ],
        scored: [[0, 4.5]],
      },
      {
        id: 'IS1009a',
        path: 'IS1009a/audio/IS1009a.Mix-Headset.wav',
        turns: [['FIE088', 0, 3]],
        scored: [[1, 2]],
      },
    ]);
    expect(() => referencesIn(ami, options)).toThrow(
      /several recordings of ES2004a: ES2004a.Array1-01.wav, ES2004a.Mix-Headset.wav; choose with --microphone/,
    );
    expect(() => referencesIn(ami, { ...options, microphone: 'Lapel' })).toThrow(
      /ES2004a: an RTTM file without its sound; there are ES2004a.Array1-01.wav/,
    );
    expect(() =>
      referencesIn(ami, {
        ...options,
        microphone: 'Array1-01',
        uem: join(folder, 'setup/uems/test/ES2004a.uem'),
      }),
    ).toThrow(/--uem names no region of IS1009a/);
    expect(() => referencesIn(ami, { references: join(folder, 'nowhere') })).toThrow(
      /no such file or folder/,
    );
  });

  it('VoxConverse: sound in its own folder, references in that of a part', () => {
    const folder = folderOf({
      'audio/abjxc.wav': '',
      'audio/afjiv.wav': '',
      'audio/__MACOSX/._afjiv.wav': '',
      'voxconverse/dev/._afjiv.rttm': 'Mac OS X',
      'voxconverse/dev/abjxc.rttm': rttm('abjxc', ['spk00', 0.4, 6.64]),
      'voxconverse/dev/afjiv.rttm': rttm('afjiv', ['spk00', 0.12, 1], ['spk01', 1.12, 2]),
      'voxconverse/test/aepyx.rttm': rttm('aepyx', ['spk00', 0, 1]),
    });
    const dev = referencesIn(join(folder, 'audio'), { references: join(folder, 'voxconverse/dev') });
    expect(brief(dev, folder).map(({ id, path, scored }) => [id, path, scored])).toEqual([
      ['abjxc', 'audio/abjxc.wav', null],
      ['afjiv', 'audio/afjiv.wav', null],
    ]);
    // A reference without its sound is no recording less to measure.
    expect(() => referencesIn(join(folder, 'audio'), { references: join(folder, 'voxconverse') })).toThrow(
      /aepyx: an RTTM file without its sound/,
    );
  });

  it('NOTSOFAR-1: a session a device, by devices.json, the words of gt_transcription.json', () => {
    const segment = (speaker: string, start: number, end: number, text: string) => ({
      speaker_id: speaker,
      ct_wav_file_name: 'close_talk/CT_21.wav',
      start_time: start,
      end_time: end,
      text,
      word_timing: [],
    });
    const device = (name: string, isMc: boolean, files: string) => ({
      device_name: name,
      is_mc: isMc,
      is_close_talk: name.startsWith('CT'),
      channels_num: files.split(',').length,
      wav_file_names: files,
    });
    const meeting = {
      'gt_transcription.json': JSON.stringify([
        segment('Ron', 1.5, 3, 'we could <ST/> begin'),
        segment('Sophie', 2, 4, 'yes'),
        segment('Ron', 5, 5.5, '<BA/>'),
      ]),
      'devices.json': JSON.stringify([
        device('meetup_0', false, 'sc_meetup_0/ch0.wav'),
        device('plaza_0', true, 'mc_plaza_0/ch0.wav, mc_plaza_0/ch1.wav'),
        device('CT_21', false, 'close_talk/CT_21.wav'),
      ]),
    };
    const folder = folderOf(
      Object.fromEntries(Object.entries(meeting).map(([name, text]) => [`MTG/MTG_30830/${name}`, text])),
    );
    const turns = [
      ['Ron', 1.5, 3],
      ['Sophie', 2, 4],
    ];
    const sc = 'MTG/MTG_30830/sc_meetup_0/ch0.wav';
    expect(brief(referencesIn(folder), folder)).toEqual([
      { id: 'singlechannel/MTG_30830_meetup_0', path: sc, turns, scored: null },
    ]);
    const mc = 'MTG/MTG_30830/mc_plaza_0/ch0.wav';
    expect(brief(referencesIn(folder, { microphone: 'mc' }), folder)).toEqual([
      { id: 'multichannel/MTG_30830_plaza_0', path: mc, turns, scored: null },
    ]);
    expect(() => referencesIn(folder, { microphone: 'rockfall' })).toThrow(
      /--microphone rockfall: no device/,
    );
    expect(() => referencesIn(folder, { uem: 'x' })).toThrow(/leave out --references and --uem/);
    writeFileSync(join(folder, 'MTG/MTG_30830/devices.json'), '[{"device_name":"a"}]');
    expect(() => referencesIn(folder)).toThrow(/devices.json: .*is_mc/s);
  });

  it('pairs in one folder, several recordings in one RTTM file, a UEM file beside', () => {
    const pairs = folderOf({
      'talk.flac': '',
      'talk.rttm': rttm('recorded-as', ['ann', 0, 2]),
      'talk.uem': 'talk 1 0.5 1\n',
      'other.wav': '',
    });
    expect(brief(referencesIn(pairs), pairs)).toEqual([
      { id: 'talk', path: 'talk.flac', turns: [['ann', 0, 2]], scored: [[0.5, 1]] },
    ]);
    const several = { 'a.wav': '', 'b.wav': '', 'all.rttm': rttm('a', ['x', 0, 1]) + rttm('b', ['y', 0, 2]) };
    const both = folderOf(several);
    expect(brief(referencesIn(both), both).map(({ id, turns }) => [id, turns])).toEqual([
      ['a', [['x', 0, 1]]],
      ['b', [['y', 0, 2]]],
    ]);
    const twice = folderOf({ ...several, 'b.rttm': rttm('b', ['z', 0, 1]) });
    expect(() => referencesIn(twice)).toThrow(/all\.rttm and .*b\.rttm both tell of b/);
    expect(() => referencesIn(folderOf({ 'a.wav': '' }))).toThrow(/no pair of NAME\.wav/);
  });
});

it('a UEM file bounds what is scored, and who is counted', () => {
  const turn = (speaker: string, startSeconds: number, endSeconds: number) => ({
    speaker,
    startSeconds,
    endSeconds,
  });
  const turns = [turn('ann', 0, 10), turn('ben', 10, 20)];
  const answer = [turn('x', 0, 8), turn('y', 12, 20)];
  const within = (scored: Reference['scored']) =>
    scoreOf([{ reference: { id: 'a', path: '', turns, scored }, turns: answer }]);
  // All: 4 of 20 s are missed. To 9 s: 1 of 9, and one speaker, who is told.
  expect(within(null)).toMatchObject({ exact: { rate: 0.2 }, countRight: 1 });
  expect(within(null).jaccard).toBeCloseTo(0.2, 9);
  const part = within([{ startSeconds: 0, endSeconds: 9 }]);
  expect(part.exact).toMatchObject({ totalSeconds: 9, missSeconds: 1 });
  expect(part.jaccard).toBeCloseTo(1 / 9, 9);
  expect(part.countRight).toBe(1);
  expect(within([{ startSeconds: 0, endSeconds: 11 }]).countRight).toBe(0);
});
