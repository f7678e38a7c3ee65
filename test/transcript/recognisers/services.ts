import type { Word } from '../../../src/transcript/words/word.js';
import { BOB, HELLO, lower, SAID, SPREAD, type FormatCase } from './format-case.js';

const ticks = ({ start, end }: Word) => ({
  offsetInTicks: start * 1e7,
  durationInTicks: (end - start) * 1e7,
});
const azureSdk = ({ start, end }: Word) => ({ Offset: start * 1e7, Duration: (end - start) * 1e7 });

/** Of services, after their published formats. */
export const SERVICES: readonly FormatCase[] = [
  {
    name: 'OpenAI, verbose',
    format: 'openai',
    document: {
      task: 'transcribe',
      language: 'english',
      duration: 2.1,
      text: 'Hello, Bob.',
      words: [
        { word: 'Hello', start: 0.5, end: 1 },
        { word: 'Bob', start: 1.25, end: 1.75 },
      ],
    },
    words: SAID,
  },
  {
    name: 'OpenAI, verbose, with a text that has other words',
    format: 'openai',
    document: { text: 'Bob, hello.', words: [{ word: 'Hello', start: 0.5, end: 1 }] },
    words: [{ text: 'Hello', start: 0.5, end: 1 }],
  },
  {
    name: 'OpenAI, verbose, segments alone',
    format: 'whisper',
    document: {
      task: 'transcribe',
      text: 'Hello, Bob.',
      segments: [{ id: 0, start: 0.5, end: 1.75, text: ' Hello, Bob.' }],
    },
    words: SPREAD,
    estimatedWords: 2,
  },
  {
    name: 'Deepgram',
    format: 'deepgram',
    document: {
      metadata: { request_id: 'x', channels: 1 },
      results: {
        channels: [
          {
            alternatives: [
              {
                transcript: 'Hello, Bob.',
                confidence: 0.9,
                words: [
                  {
                    word: 'hello',
                    start: 0.5,
                    end: 1,
                    confidence: 0.75,
                    speaker: 0,
                    punctuated_word: 'Hello,',
                  },
                  {
                    word: 'bob',
                    start: 1.25,
                    end: 1.75,
                    confidence: 0.5,
                    speaker: 1,
                    punctuated_word: 'Bob.',
                  },
                ],
              },
              { transcript: 'yellow bob', confidence: 0.1, words: [{ word: 'yellow', start: 0.5, end: 1 }] },
            ],
          },
        ],
      },
    },
    words: [
      { ...HELLO, confidence: 0.75, speaker: '0' },
      { ...BOB, confidence: 0.5, speaker: '1' },
    ],
  },
  {
    name: 'Deepgram, messages of a live stream',
    format: 'deepgram',
    document: [
      [[{ word: 'hallo', start: 0.5, end: 0.75 }], false],
      [[{ word: 'hello', start: 0.5, end: 1 }], true],
      [[{ word: 'bob', start: 1.25, end: 1.75 }], true],
    ].map(([words, isFinal]) => ({
      type: 'Results',
      channel_index: [0, 1],
      is_final: isFinal,
      channel: { alternatives: [{ transcript: '', words }] },
    })),
    words: lower(),
  },
  {
    name: 'AssemblyAI',
    format: 'assemblyai',
    document: {
      id: 'x',
      status: 'completed',
      audio_duration: 2,
      text: 'Hello, Bob.',
      words: [
        { text: 'Hello,', start: 500, end: 1000, confidence: 0.75, speaker: 'A', channel: '1' },
        { text: 'Bob.', start: 1250, end: 1750, confidence: 0.5, speaker: null, channel: '2' },
      ],
    },
    words: [
      { ...HELLO, confidence: 0.75, speaker: 'A', channel: 0 },
      { ...BOB, confidence: 0.5, channel: 1 },
    ],
  },
  {
    name: 'Azure, batch',
    format: 'azure',
    document: {
      source: 'https://example.invalid/a.wav',
      combinedRecognizedPhrases: [],
      recognizedPhrases: [
        {
          recognitionStatus: 'Success',
          channel: 0,
          speaker: 2,
          ...ticks({ ...HELLO, end: 1.75 }),
          nBest: [
            {
              confidence: 0.5,
              display: 'Hello, Bob.',
              words: SAID.map((word) => ({ word: word.text.toLowerCase(), ...ticks(word), confidence: 0.9 })),
              displayWords: SAID.map((word) => ({ displayText: word.text, ...ticks(word) })),
            },
          ],
        },
      ],
    },
    words: SAID.map((word) => ({ ...word, speaker: '2', confidence: 0.5 })),
  },
  {
    name: 'Azure, batch, without words',
    format: 'azure',
    document: {
      recognizedPhrases: [{ ...ticks({ ...HELLO, end: 1.75 }), nBest: [{ display: 'Hello, Bob.' }] }],
    },
    words: SPREAD,
    estimatedWords: 2,
  },
  {
    name: 'Azure, fast',
    format: 'azure',
    document: {
      durationMilliseconds: 2000,
      combinedPhrases: [{ text: 'Hello, Bob.' }],
      phrases: [
        {
          offsetMilliseconds: 500,
          durationMilliseconds: 1250,
          text: 'Hello, Bob.',
          words: [
            { text: 'Hello,', offsetMilliseconds: 500, durationMilliseconds: 500 },
            { text: 'Bob.', offset: 1250, duration: 500 },
          ],
          locale: 'en-US',
          confidence: 0.5,
        },
      ],
    },
    words: SAID.map((word) => ({ ...word, confidence: 0.5 })),
  },
  {
    name: 'Azure, Speech SDK',
    format: 'azure',
    document: {
      Id: 'x',
      RecognitionStatus: 'Success',
      ...azureSdk({ ...HELLO, end: 1.75 }),
      DisplayText: 'Hello, Bob.',
      NBest: [
        {
          Confidence: 0.5,
          Display: 'Hello, Bob.',
          Words: SAID.map((word) => ({ Word: word.text.toLowerCase().replace(/\W/, ''), ...azureSdk(word) })),
        },
      ],
    },
    words: lower({ confidence: 0.5 }),
  },
  {
    name: 'Google, v1, whose last result tells the speakers',
    format: 'google',
    document: {
      results: [
        {
          alternatives: [
            {
              transcript: 'Hello, Bob.',
              words: [
                { startTime: '0.500s', endTime: '1s', word: 'Hello,' },
                { startTime: '1.250s', endTime: '1.750s', word: 'Bob.' },
              ],
            },
          ],
          languageCode: 'en-us',
        },
        {
          alternatives: [
            {
              words: [
                { startTime: '0.500s', endTime: '1s', word: 'Hello,', speakerTag: 1 },
                { startTime: '1.250s', endTime: '1.750s', word: 'Bob.', speakerTag: 2, confidence: 0 },
              ],
            },
          ],
        },
      ],
    },
    words: [
      { ...HELLO, speaker: '1' },
      { ...BOB, speaker: '2' },
    ],
  },
  {
    name: 'Google, v2, as a client library prints an operation',
    format: 'google',
    document: {
      name: 'operations/1',
      response: {
        results: [
          {
            alternatives: [
              {
                transcript: 'Hello, Bob.',
                words: [
                  { endOffset: { seconds: '1', nanos: 0 }, word: 'Hello,' },
                  {
                    startOffset: { seconds: '1', nanos: 250000000 },
                    endOffset: { seconds: '1', nanos: 750000000 },
                    word: 'Bob.',
                    speakerLabel: '1',
                  },
                ],
              },
            ],
          },
          {},
        ],
      },
    },
    words: [
      { ...HELLO, start: 0 },
      { ...BOB, speaker: '1' },
    ],
  },
];
