import type { z } from 'zod';
import { WhospeaksError } from '../../errors.js';
import type { WireTurnEvent } from '../../events/wire-schemas.js';
import {
  MAX_KEPT_WORDS,
  MAX_WORDS,
  MAX_WORDS_AHEAD_SECONDS,
  MAX_WORDS_IN_TEN_SECONDS,
  type NamedWordsEvent,
  type StreamWord,
} from '../../protocol/index.js';
import { inOrder, MAX_BACK_SECONDS } from '../../transcript/read/check-words.js';
import { WordBook, type LiveWordEvent } from '../../transcript/words/word-book.js';
import { streamWordsSchema } from '../messages.js';

/** What a client sends, before its words are known to be words. */
export interface UncheckedWords {
  readonly words: readonly unknown[];
  readonly final: boolean;
  readonly channel?: number | undefined;
}

const TEN_SECONDS = 10;

/**
 * The words of one stream: what a recogniser tells, checked, under the names of who speaks. The rules of `nameWords` name them,
 * by their times alone; what is kept is bounded.
 */
export class StreamWords {
  readonly #book = new WordBook(MAX_KEPT_WORDS);
  readonly #tell: (event: NamedWordsEvent) => void;
  readonly #channels: number;
  #next = 0;
  /** Of final words of each channel, in order: those of the last 10 s. */
  readonly #starts = new Map<number | undefined, readonly number[]>();

  /** @param channels that are heard apart; 0: they are mixed */
  constructor(channels: number, tell: (event: NamedWordsEvent) => void) {
    this.#channels = channels;
    this.#tell = tell;
  }

  /** The number that the next message must have. */
  get next(): number {
    return this.#next;
  }

  /**
   * Take a message by its number, which is taken whatever becomes of the words.
   * @returns false where it was had before
   * @throws {WhospeaksError} `protocol-sequence`
   */
  number(sequence: number): boolean {
    if (sequence > this.#next) {
      throw new WhospeaksError(
        'protocol-sequence',
        `words message ${sequence} came where ${this.#next} was expected; resume, and send on from there`,
      );
    }
    if (sequence < this.#next) return false;
    this.#next += 1;
    return true;
  }

  /**
   * @param heardSeconds audio of the stream that has come in, skipped audio included
   * @throws {WhospeaksError} `transcript-format`, `transcript-times`, `transcript-ahead` or `transcript-limit`; nothing changes
   */
  add({ words, final, channel }: UncheckedWords, heardSeconds: number): void {
    if (channel !== undefined && channel >= this.#channels) {
      const which = this.#channels === 0 ? 'are mixed' : `are 0 to ${this.#channels - 1}`;
      throw new WhospeaksError(
        'transcript-format',
        `words of channel ${channel}, but the channels of this stream ${which}`,
      );
    }
    const ordered = inOrder(checked(words));
    const before = this.#starts.get(channel) ?? [];
    const last = before.at(-1) ?? 0;
    const [first] = ordered;
    if (first !== undefined && first.start < last - MAX_BACK_SECONDS) {
      throw new WhospeaksError(
        'transcript-times',
        `"${first.text}" starts at ${first.start} s, after a final word at ${last} s: times go backwards`,
      );
    }
    const ahead = ordered.find(({ end }) => end > heardSeconds + MAX_WORDS_AHEAD_SECONDS);
    if (ahead !== undefined) {
      throw new WhospeaksError(
        'transcript-ahead',
        `"${ahead.text}" ends at ${ahead.end} s, but only ${heardSeconds.toFixed(1)} s of audio have come; send the audio first`,
      );
    }
    const starts = recent([...before, ...ordered.map(({ start }) => start)]);
    if (starts.length > MAX_WORDS_IN_TEN_SECONDS) {
      throw new WhospeaksError(
        'transcript-limit',
        `${starts.length} words begin within 10 s; at most ${MAX_WORDS_IN_TEN_SECONDS} are taken`,
      );
    }
    if (final) this.#starts.set(channel, starts);
    this.#told(this.#book.tell({ words: ordered, final, channel }));
  }

  /** What the tracker tells. */
  apply(event: WireTurnEvent): void {
    this.#told(this.#book.apply(event));
  }

  /** In events of no more words than a message may have. */
  #told(changes: readonly LiveWordEvent[]): void {
    for (let at = 0; at < changes.length; at += MAX_WORDS) {
      const some = changes.slice(at, at + MAX_WORDS);
      const words = some.flatMap((change) => {
        if (change.type !== 'word') return [];
        const { type, ...word } = change;
        return [word];
      });
      const dropped = some.find((change) => change.type === 'dropped');
      this.#tell({
        type: 'words',
        removed: some.flatMap((change) => (change.type === 'removed' ? [change.word] : [])),
        words,
        ...(dropped === undefined ? {} : { droppedBefore: dropped.before }),
      });
    }
  }
}

/** In order, those within 10 s of the last. */
function recent(starts: readonly number[]): number[] {
  const ordered = [...starts].sort((a, b) => a - b);
  const from = ordered.at(-1)! - TEN_SECONDS;
  return ordered.filter((start) => start >= from);
}

/** @throws {WhospeaksError} which word is none, and why */
function checked(words: readonly unknown[]): StreamWord[] {
  const parsed = streamWordsSchema.shape.words.safeParse(words);
  if (parsed.success) return [...parsed.data];
  throw fault(parsed.error.issues[0]!);
}

function fault({ path, code, message }: z.core.$ZodIssue): WhospeaksError {
  const [position, field] = path;
  if (position === undefined) {
    return new WhospeaksError('transcript-limit', `a message has at most ${MAX_WORDS} words; send several`);
  }
  const which = `word ${Number(position) + 1}`;
  if (field === 'start' || field === 'end') {
    return new WhospeaksError(
      'transcript-times',
      `${which} has no "${field}" in seconds of the stream: ${message}`,
    );
  }
  if (field === 'text' && code === 'too_big') {
    return new WhospeaksError('transcript-limit', `${which} is too long, and is no word: ${message}`);
  }
  return new WhospeaksError(
    'transcript-format',
    `${which} is none; it has "text", "start", "end" and perhaps "confidence": ${message}`,
  );
}
