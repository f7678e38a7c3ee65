import { utterancesOf, type LiveWord, type LiveWordEvent, type Utterance } from '../client/index.js';

/** Where a line ends, whoever's words they are: at a pause of 2 s. */
export const LINE_LIMITS = { pauseSeconds: 2 };
/** Words that are kept: some hours of speech. */
const MAX_WORDS = 20_000;

/** The words of a meeting under names, over as many streams as it takes, in the time of the meeting. */
export class Captions {
  private readonly words = new Map<number, LiveWord>();
  /** Of the present stream: where it begins, and what its words are counted from. */
  private startSeconds = 0;
  private first = 0;
  private next = 0;

  /** In the order in which they were told. */
  get all(): LiveWord[] {
    return [...this.words.values()].sort((a, b) => a.word - b.word);
  }

  /** A line an utterance. */
  get lines(): Utterance<LiveWord>[] {
    return utterancesOf(this.all, LINE_LIMITS);
  }

  /** Another stream of the meeting begins. */
  begin(startSeconds: number): void {
    this.startSeconds = startSeconds;
    this.first = this.next;
  }

  apply(change: LiveWordEvent): void {
    if (change.type === 'removed') this.words.delete(this.first + change.word);
    if (change.type !== 'word') return;
    const { type, ...told } = change;
    const word = this.first + told.word;
    this.next = Math.max(this.next, word + 1);
    const start = this.startSeconds + told.start;
    this.words.set(word, { ...told, word, start, end: this.startSeconds + told.end });
    // A Map keeps the order of insertion, which is that of the numbers but for guesses.
    if (this.words.size > MAX_WORDS) this.words.delete(this.words.keys().next().value!);
  }

  /** Call a label otherwise, here alone. */
  relabel(label: string, speaker: string): void {
    for (const [number, word] of this.words) {
      if (word.speaker === label) this.words.set(number, { ...word, speaker });
    }
  }

  /** Words of this time are this speaker's, here alone. */
  reassign(fromSeconds: number, toSeconds: number, speaker: string, known: boolean): void {
    for (const [number, word] of this.words) {
      const middle = (word.start + word.end) / 2;
      if (middle >= fromSeconds && middle < toSeconds) {
        this.words.set(number, { ...word, speaker, known, probability: 1 });
      }
    }
  }
}
