import { concatMap, defer, isObservable, map, merge, type Observable } from 'rxjs';
import { z } from 'zod';
import { WhospeaksError } from '../errors.js';
import { parseOptions } from '../options.js';
import type { TranscriptSegment } from '../transcript/segment.js';
import type { TurnEvent } from '../transcript/turn-book.js';
import {
  nameWords as nameWholeRecording,
  type NamedWord,
  type NameWordsOptions,
  type WordVoices,
} from '../transcript/words/name-words.js';
import { WordBook, type LiveWordEvent, type WordsEvent } from '../transcript/words/word-book.js';
import type { Word } from '../transcript/words/word.js';

const optionsSchema = z.strictObject({
  voices: z
    .custom<WordVoices>(
      (value) => typeof (value as WordVoices | null)?.logLikelihood === 'function',
      'expected what hearWords resolves with',
    )
    .optional(),
});

/**
 * The words of a recording under the names of its speakers.
 *
 * - A word is whose speech it lies in: the middle of the word counts, and edges are taken to be inexact by 0.25 s.
 * - In a gap it is that of the nearest speech, at most 2 s away; beyond that it is `unknown`.
 * - Near a change, and where two talk at once, words without a pause between them go to one speaker rather than to two, and
 *   `voices` decides by the sound.
 *
 * @param words in order of start; one with a channel is named by the segments of that channel, if segments have channels
 * @param segments of `diarize`, or `segmentsOfTurns`
 * @returns the words in the same order
 * @throws {WhospeaksError} `invalid-option`
 */
export function nameWords(
  words: readonly Word[],
  segments: readonly TranscriptSegment[],
  options?: NameWordsOptions,
): NamedWord[];
/**
 * The words of a stream under names, by the same rules: each word as soon as it is told, and again as a new revision
 * whenever its text, times or speaker change, corrections of settled turns included. Guesses that are withdrawn are
 * `removed`. Words may come before or after the events of their time. Completes when both have. Errors as
 * either does, and with `invalid-option` for words that are none.
 *
 * @param words of a live recogniser, in seconds of the stream
 * @param events of `identify()` or of the client
 */
export function nameWords(
  words: Observable<WordsEvent>,
  events: Observable<TurnEvent>,
): Observable<LiveWordEvent>;
export function nameWords(
  words: readonly Word[] | Observable<WordsEvent>,
  spoken: readonly TranscriptSegment[] | Observable<TurnEvent>,
  options?: NameWordsOptions,
): NamedWord[] | Observable<LiveWordEvent> {
  if (isObservable(words) && isObservable(spoken)) return live(words, spoken);
  if (Array.isArray(words) && Array.isArray(spoken)) {
    return nameWholeRecording(
      words as readonly Word[],
      spoken as readonly TranscriptSegment[],
      parseOptions('nameWords', optionsSchema, options),
    );
  }
  throw new WhospeaksError(
    'invalid-option',
    'nameWords: expected a list of words and a list of segments, or an Observable of words and one of events',
  );
}

function live(words: Observable<WordsEvent>, events: Observable<TurnEvent>): Observable<LiveWordEvent> {
  return defer(() => {
    const book = new WordBook();
    return merge(
      words.pipe(map((told) => book.tell(told))),
      events.pipe(map((event) => book.apply(event))),
    ).pipe(concatMap((changes) => changes));
  });
}
