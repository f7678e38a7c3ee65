import { WhospeaksError } from '../../errors.js';
import type { Word } from '../words/word.js';
import { assemblyai } from './assemblyai.js';
import { azureBatch, azureFast, azureSdk } from './azure.js';
import { captionsFormat, readCaptions } from './captions.js';
import { inOrder, MAX_CHARACTERS } from './check-words.js';
import { deepgram } from './deepgram.js';
import type { FormatReader } from './format-reader.js';
import { google } from './google.js';
import { jsonDocuments } from './json-documents.js';
import { own } from './own.js';
import type { Phrase } from './phrase.js';
import { sherpaOnnx } from './sherpa-onnx.js';
import { vosk } from './vosk.js';
import { openai, whisper } from './whisper.js';
import { whisperCpp } from './whisper-cpp.js';
import { wordsOfPhrases } from './words-of-phrases.js';

/** The words of a recogniser's transcript. */
export interface WordTranscript {
  /** Which format it was: `whisper.cpp`, `openai`, `whisper`, `deepgram`, ... */
  readonly format: string;
  /** In order of start. */
  readonly words: readonly Word[];
  /** Words whose times are estimated, because the format tells those of phrases alone, or left some words out. */
  readonly estimatedWords: number;
}

/** The first that takes a document reads it; those that ask for less come later. */
const READERS: readonly FormatReader[] = [
  own,
  whisperCpp,
  deepgram,
  azureBatch,
  azureFast,
  azureSdk,
  google,
  assemblyai,
  openai,
  whisper,
  sherpaOnnx,
  vosk,
];

/**
 * Read the words of a transcript, whatever recogniser wrote it: JSON of whisper.cpp, OpenAI, faster-whisper, WhisperX,
 * Deepgram, AssemblyAI, Azure, Google, Vosk or sherpa-onnx, or SubRip and WebVTT captions. The format is told by its
 * structure.
 *
 * @param input the file's text, or the parsed JSON
 * @throws {WhospeaksError} `transcript-format` for anything else, `transcript-times` where words have no times or times go
 * backwards, `transcript-limit` beyond 128 Mi characters or a million words
 */
export function readTranscript(input: unknown): WordTranscript {
  const { format, phrases } =
    typeof input === 'string' ? phrasesOfText(input) : phrasesOf(documentsOf(input));
  const { words, estimatedWords } = wordsOfPhrases(phrases);
  return { format, words: inOrder(words), estimatedWords };
}

interface Read {
  readonly format: string;
  readonly phrases: readonly Phrase[];
}

function phrasesOfText(text: string): Read {
  if (text.length > MAX_CHARACTERS) {
    throw new WhospeaksError(
      'transcript-limit',
      `the transcript has ${text.length} characters; at most ${MAX_CHARACTERS} are read, so split the recording`,
    );
  }
  const documents = jsonDocuments(text);
  if (documents !== undefined) return phrasesOf(documents);
  const format = captionsFormat(text);
  if (format === undefined) throw unknownFormat();
  return { format, phrases: readCaptions(text) };
}

function documentsOf(input: unknown): readonly unknown[] {
  return Array.isArray(input) ? input : [input];
}

function phrasesOf(documents: readonly unknown[]): Read {
  const reader = READERS.find(({ matches }) => documents.length > 0 && documents.every(matches));
  if (reader === undefined) throw unknownFormat();
  return { format: reader.name, phrases: documents.flatMap(reader.phrases) };
}

function unknownFormat(): WhospeaksError {
  return new WhospeaksError(
    'transcript-format',
    'no transcript of a format that is known: expected JSON of whisper.cpp, OpenAI, faster-whisper, WhisperX, Deepgram, ' +
      'AssemblyAI, Azure, Google, Vosk or sherpa-onnx, or captions (SRT, VTT)',
  );
}
