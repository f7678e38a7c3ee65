import type { NamedWord } from './name-words.js';
import { joinWords } from './text.js';

/** Words of one speaker in a row. */
export interface Utterance<Said extends NamedWord = NamedWord> {
  readonly speaker: string;
  readonly start: number;
  readonly end: number;
  readonly channel?: number | undefined;
  readonly text: string;
  readonly words: readonly Said[];
}

export interface UtteranceLimits {
  /** A pause so long ends an utterance, seconds. */
  readonly pauseSeconds: number;
  /** No longer than this, seconds, but for a single word. */
  readonly seconds?: number;
  /** No longer text than this, but for a single word. */
  readonly characters?: number;
}

/** Words in order of start, cut where the speaker changes, pauses, or has said enough. */
export function utterancesOf<Said extends NamedWord>(
  words: readonly Said[],
  limits: UtteranceLimits,
): Utterance<Said>[] {
  const { pauseSeconds, seconds = Infinity, characters = Infinity } = limits;
  const out: Utterance<Said>[] = [];
  let said: Said[] = [];
  let end = 0;
  const close = (): void => {
    const [first] = said;
    if (first === undefined) return;
    const { speaker, start, channel } = first;
    out.push({ speaker, start, end, channel, text: joinWords(said.map(({ text }) => text)), words: said });
    said = [];
  };
  let length = 0;
  for (const word of words) {
    const [first] = said;
    const goesOn =
      first?.speaker === word.speaker &&
      first.channel === word.channel &&
      word.start - end < pauseSeconds &&
      word.end - first.start <= seconds &&
      length + 1 + word.text.length <= characters;
    if (!goesOn) {
      close();
      length = -1;
      end = 0;
    }
    said.push(word);
    length += 1 + word.text.length;
    end = Math.max(end, word.end);
  }
  close();
  return out;
}
