import type { NamedWordsEvent } from '../protocol/index.js';
import type { LiveWordEvent } from '../transcript/words/word-book.js';

/**
 * What the server tells of words, in the numbers and the time of the whole stream: a new session begins both again, and here they
 * go on.
 */
export class SessionWords {
  private offsetSeconds = 0;
  /** Number of the first word of the present session, and of the next one to come. */
  private first = 0;
  private next = 0;

  hear({ removed, words, droppedBefore }: NamedWordsEvent): LiveWordEvent[] {
    const events: LiveWordEvent[] = removed.map((word) => ({ type: 'removed', word: this.first + word }));
    for (const told of words) {
      const word = this.first + told.word;
      this.next = Math.max(this.next, word + 1);
      const start = this.offsetSeconds + told.start;
      const end = this.offsetSeconds + told.end;
      events.push({ type: 'word', ...told, word, start, end });
    }
    if (droppedBefore !== undefined) events.push({ type: 'dropped', before: this.first + droppedBefore });
    return events;
  }

  /** A new session begins: words of the one before stay as they are. */
  restart(offsetSeconds: number): LiveWordEvent[] {
    this.offsetSeconds = offsetSeconds;
    this.first = this.next;
    return this.first === 0 ? [] : [{ type: 'dropped', before: this.first }];
  }
}
