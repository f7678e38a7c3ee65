import { describe, expect, it } from 'vitest';
import { readRttm } from '../../../src/evaluate/index.js';
import { formatTranscript, TRANSCRIPT_FORMATS } from '../../../src/transcript/formats/index.js';
import type { Transcript } from '../../../src/transcript/transcript.js';

const segment = (speaker: string, start: number, end: number, probability = 0.9) => ({
  speaker,
  known: !speaker.startsWith('unknown'),
  start,
  end,
  probability,
});

const talk: Transcript = {
  recording: 'a call',
  duration: 3725,
  segments: [
    segment('Mary "M" <Ann> & Co', 0, 1.5),
    segment('unknown-1', 1.25, 2.0004, 0.5555),
    segment('Mary "M" <Ann> & Co', 3723.4567, 3724),
  ],
};
const silence: Transcript = { recording: 'still', duration: 2, segments: [] };

const lines = (text: string): string[] => text.split('\n');

describe('a transcript', () => {
  it('is RTTM that its reader reads', () => {
    const text = formatTranscript('rttm', talk);
    expect(lines(text)[1]).toBe('SPEAKER a_call 1 1.250 0.750 <NA> <NA> unknown-1 <NA> <NA>');
    expect(readRttm(text).map(({ speaker, startSeconds }) => [speaker, startSeconds])).toEqual([
      ['Mary_"M"_<Ann>_&_Co', 0],
      ['unknown-1', 1.25],
      ['Mary_"M"_<Ann>_&_Co', 3723.457],
    ]);
    const twins = { ...talk, segments: [segment('Mary Ann', 0, 1), segment('Mary_Ann', 1, 2)] };
    expect(() => formatTranscript('rttm', twins)).toThrow(
      expect.objectContaining({ code: 'invalid-option' }) as Error,
    );
    const second = { ...talk, segments: [{ ...segment('bob', 0, 1), channel: 1 }] };
    expect(formatTranscript('rttm', second)).toMatch(/^SPEAKER a_call 2 /);
  });

  it('is JSON with segments and talk time', () => {
    const { recording, duration, segments, speakers } = JSON.parse(formatTranscript('json', talk)) as {
      [key: string]: unknown;
      segments: unknown[];
    };
    expect({ recording, duration }).toEqual({ recording: 'a call', duration: 3725 });
    expect(segments[1]).toEqual({
      speaker: 'unknown-1',
      known: false,
      start: 1.25,
      end: 2,
      probability: 0.556,
    });
    expect(speakers).toEqual([
      { speaker: 'Mary "M" <Ann> & Co', seconds: 2.043, share: 0.731 },
      { speaker: 'unknown-1', seconds: 0.75, share: 0.269 },
    ]);
  });

  it('is SubRip captions', () => {
    expect(lines(formatTranscript('srt', talk))).toEqual([
      ...['1', '00:00:00,000 --> 00:00:01,500', 'Mary "M" ‹Ann› & Co', ''],
      ...['2', '00:00:01,250 --> 00:00:02,000', 'unknown-1', ''],
      ...['3', '01:02:03,457 --> 01:02:04,000', 'Mary "M" ‹Ann› & Co', ''],
    ]);
  });

  it('is WebVTT captions with voices', () => {
    expect(lines(formatTranscript('vtt', talk)).slice(0, 6)).toEqual([
      'WEBVTT',
      '',
      '00:00:00.000 --> 00:00:01.500',
      '<v Mary "M" &lt;Ann&gt; &amp; Co>Mary "M" &lt;Ann&gt; &amp; Co</v>',
      '',
      '00:00:01.250 --> 00:00:02.000',
    ]);
    expect(formatTranscript('vtt', silence)).toBe('WEBVTT\n');
  });

  it('is CSV that no spreadsheet takes for a formula', () => {
    const formula = { ...talk, segments: [segment('=1+1', 0, 1), segment('a,b', 1, 2)] };
    expect(lines(formatTranscript('csv', talk)).slice(0, 2)).toEqual([
      'recording,speaker,known,start,end,probability,channel',
      'a call,"Mary ""M"" <Ann> & Co",true,0.000,1.500,0.900,',
    ]);
    expect(lines(formatTranscript('csv', formula)).slice(1, 3)).toEqual([
      "a call,'=1+1,true,0.000,1.000,0.900,",
      'a call,"a,b",true,1.000,2.000,0.900,',
    ]);
  });

  it('is a TextGrid whose tiers cover the whole recording', () => {
    const text = formatTranscript('textgrid', talk);
    expect(lines(text).slice(0, 8)).toEqual([
      'File type = "ooTextFile"',
      'Object class = "TextGrid"',
      '',
      'xmin = 0',
      'xmax = 3725',
      'tiers? <exists>',
      'size = 2',
      'item []:',
    ]);
    expect(text).toContain('        name = "Mary ""M"" <Ann> & Co"\n');
    const intervals = [...text.matchAll(/^ {12}xmin = (.*)\n {12}xmax = (.*)\n {12}text = (.*)$/gm)];
    expect(intervals.map(([, start, end, name]) => [start, end, name])).toEqual([
      ['0', '1.5', '"Mary ""M"" <Ann> & Co"'],
      ['1.5', '3723.4567', '""'],
      ['3723.4567', '3724', '"Mary ""M"" <Ann> & Co"'],
      ['3724', '3725', '""'],
      ['0', '1.25', '""'],
      ['1.25', '2.0004', '"unknown-1"'],
      ['2.0004', '3725', '""'],
    ]);
    const still = formatTranscript('textgrid', silence);
    expect(still).toMatch(
      /size = 1\nitem \[\]:\n[^]*name = "nobody"\n[^]*intervals: size = 1\n[^]*xmax = 2\n {12}text = ""\n$/,
    );
  });

  it('is labels of Audacity', () => {
    expect(lines(formatTranscript('audacity', talk))[1]).toBe('1.250000\t2.000400\tunknown-1');
  });

  it('is text to read, with probabilities where anybody is known', () => {
    expect(lines(formatTranscript('txt', talk))).toEqual([
      '00:00.0 - 00:01.5  Mary "M" <Ann> & Co  90 %',
      '00:01.3 - 00:02.0  unknown-1  56 %',
      '1:02:03.5 - 1:02:04.0  Mary "M" <Ann> & Co  90 %',
      '',
      'talk time',
      '  Mary "M" <Ann> & Co  00:02.0   73 %',
      '  unknown-1            00:00.8   27 %',
      '',
    ]);
    const second = { ...talk, segments: [{ ...segment('bob', 0, 1), channel: 1 }] };
    expect(lines(formatTranscript('txt', second))[0]).toBe('00:00.0 - 00:01.0  bob  90 %  channel 2');
    expect(lines(formatTranscript('srt', second))[2]).toBe('bob (channel 2)');
    expect(formatTranscript('vtt', second)).toContain('<v bob>bob (channel 2)</v>');
    expect(formatTranscript('textgrid', second)).toContain('name = "bob (channel 2)"');
    expect(formatTranscript('audacity', second)).toMatch(/\tbob \(channel 2\)\n$/);
    const strangers = { ...talk, segments: [segment('unknown-1', 0, 1)] };
    expect(lines(formatTranscript('txt', strangers))[0]).toBe('00:00.0 - 00:01.0  unknown-1');
  });

  it.each(TRANSCRIPT_FORMATS)('of silence is written as %s, and ends its last line', (format) => {
    expect(formatTranscript(format, silence)).toMatch(/^$|\n$/);
  });
});
