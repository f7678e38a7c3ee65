import type { Word } from '../../../src/transcript/words/word.js';
import { BOB, HELLO, SPREAD, type FormatCase } from './format-case.js';

const ms = ({ start, end }: Word) => ({ from: 1000 * start, to: 1000 * end });

/** Of programs, after their published formats. */
export const LOCAL: readonly FormatCase[] = [
  {
    name: 'whisper.cpp, full',
    format: 'whisper.cpp',
    document: {
      systeminfo: 'AVX = 1',
      model: { type: 'base' },
      result: { language: 'en' },
      transcription: [
        {
          timestamps: { from: '00:00:00,500', to: '00:00:01,750' },
          offsets: { from: 500, to: 1750 },
          text: ' Hello, Bob.',
          tokens: [
            { text: '[_BEG_]', offsets: { from: 0, to: 0 }, id: 50364, p: 0.9, t_dtw: -1 },
            { text: ' Hel', offsets: { from: 500, to: 700 }, id: 1, p: 0.9, t_dtw: -1 },
            { text: 'lo', offsets: { from: 700, to: 900 }, id: 2, p: 0.8, t_dtw: -1 },
            { text: ',', offsets: { from: 900, to: 1000 }, id: 3, p: 0.95, t_dtw: -1 },
            { text: ' Bob', offsets: { from: 1250, to: 1700 }, id: 4, p: 0.7, t_dtw: -1 },
            { text: '.', offsets: { from: 1700, to: 1750 }, id: 5, p: 0.9, t_dtw: -1 },
            { text: '[_TT_87]', offsets: { from: 1750, to: 1750 }, id: 50451, p: 0.1, t_dtw: -1 },
          ],
        },
      ],
    },
    words: [
      { ...HELLO, confidence: 0.8 },
      { ...BOB, confidence: 0.7 },
    ],
  },
  {
    name: 'whisper.cpp, without tokens',
    format: 'whisper.cpp',
    document: { transcription: [{ text: ' Hello, Bob.', offsets: ms({ ...HELLO, end: 1.75 }) }] },
    words: SPREAD,
    estimatedWords: 2,
  },
  {
    name: 'faster-whisper',
    format: 'whisper',
    document: [
      {
        id: 1,
        start: 0.5,
        end: 1.75,
        text: ' Hello, Bob.',
        words: [
          { start: 0.5, end: 1, word: ' Hello,', probability: 0.75 },
          { start: 1.25, end: 1.75, word: ' Bob.', probability: 0.5 },
        ],
      },
    ],
    words: [
      { ...HELLO, confidence: 0.75 },
      { ...BOB, confidence: 0.5 },
    ],
  },
  {
    name: 'WhisperX, with a number that was not aligned',
    format: 'whisper',
    document: {
      segments: [
        {
          start: 0.5,
          end: 4,
          text: ' Hello, Bob. 2014. Yes.',
          speaker: 'SPEAKER_00',
          words: [
            { word: 'Hello,', start: 0.5, end: 1, score: 0.875, speaker: 'SPEAKER_00' },
            { word: 'Bob.', start: 1.25, end: 1.75, score: 0.5, speaker: 'SPEAKER_01' },
            { word: '2014.' },
            { word: 'Yes.', start: 3, end: 3.5, score: 0.5 },
          ],
        },
      ],
      word_segments: [],
    },
    words: [
      { ...HELLO, confidence: 0.875, speaker: 'SPEAKER_00' },
      { ...BOB, confidence: 0.5, speaker: 'SPEAKER_01' },
      { text: '2014.', start: 1.75, end: 3, speaker: 'SPEAKER_00' },
      { text: 'Yes.', start: 3, end: 3.5, confidence: 0.5, speaker: 'SPEAKER_00' },
    ],
    estimatedWords: 1,
  },
  {
    name: 'Vosk, one result after the other',
    format: 'vosk',
    document:
      '{\n "partial" : "hello"\n}\n{\n "result" : [{ "conf" : 0.75, "end" : 1.0, "start" : 0.5, "word" : "hello" }],\n' +
      ' "text" : "hello"\n}\n{ "text" : "" }\n' +
      '{ "alternatives" : [{ "confidence" : 99.1, "result" : [{ "end" : 1.75, "start" : 1.25, "word" : "bob" }],' +
      ' "text" : "{\\"bob\\"}" }] }\n',
    words: [
      { ...HELLO, text: 'hello', confidence: 0.75 },
      { ...BOB, text: 'bob' },
    ],
  },
  {
    name: 'sherpa-onnx',
    format: 'sherpa-onnx',
    document: {
      lang: '',
      text: ' HELLO BOB',
      timestamps: [0.5, 0.75, 1.25, 1.5],
      durations: [],
      tokens: [' HE', 'LLO', '▁B', 'OB'],
      words: [],
    },
    words: [
      { text: 'HELLO', start: 0.5, end: 1.15 },
      { text: 'BOB', start: 1.25, end: 1.9 },
    ],
  },
  {
    name: 'sherpa-onnx, a segment of a stream, with durations',
    format: 'sherpa-onnx',
    document: {
      text: ' Bob',
      tokens: [' Bo', 'b'],
      timestamps: [0.25, 0.5],
      durations: [0.25, 0.25],
      start_time: 1,
      segment: 3,
    },
    words: [{ text: 'Bob', start: 1.25, end: 1.75 }],
  },
  {
    name: 'SubRip',
    format: 'srt',
    document:
      '\uFEFF1\r\n00:00:00,500 --> 00:00:01,750\r\n<i>Hello,</i>\r\nBob.\r\n\r\n2\r\n00:01:00,0 --> 00:01:01,0\r\nA &amp; b\r\n',
    words: [
      ...SPREAD,
      { text: 'A', start: 60, end: 60 + 1 / 3 },
      { text: '&', start: 60 + 1 / 3, end: 60 + 2 / 3 },
      { text: 'b', start: 60 + 2 / 3, end: 61 },
    ],
    estimatedWords: 5,
  },
  {
    name: 'WebVTT with a voice',
    format: 'vtt',
    document:
      'WEBVTT - a call\n\nNOTE nothing\n\nfirst\n00:00.500 --> 00:01.750 align:start\n<v.loud Ann Lee>Hello, <00:01.200>Bob.</v>\n',
    words: SPREAD.map((word) => ({ ...word, speaker: 'Ann Lee' })),
    estimatedWords: 2,
  },
  {
    name: 'words of our own',
    format: 'whospeaks',
    document: { recording: 'call', words: [{ ...HELLO, speaker: 'alice', probability: 0.9 }] },
    words: [{ ...HELLO, speaker: 'alice' }],
  },
];
