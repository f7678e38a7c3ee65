import { WhospeaksError } from '../errors.js';
import { MAX_WORD_CHARACTERS, MAX_WORDS, type StreamWord, type StreamWords } from '../protocol/index.js';

/** Words that wait to be sent or taken; a recogniser tells as many in half an hour. */
const MAX_WAITING = 5000;

interface Sent extends StreamWords {
  readonly sequence: number;
}

/**
 * Words on their way to the server: held back until their audio is sent, numbered, kept until they are taken, and sent again
 * after a resume. A guess that another message follows is not sent any more. Times are seconds of all audio given to the
 * stream. No socket and no clock.
 */
export class WordOutbox {
  private unsent: StreamWords[] = [];
  private sent: Sent[] = [];
  private next = 0;
  /** Where the present session begins. */
  private offsetSeconds = 0;

  /** Whether words were sent that the server has not taken. */
  get unacked(): boolean {
    return this.sent.length > 0;
  }

  /** Whether all were sent. */
  get empty(): boolean {
    return this.unsent.length === 0;
  }

  /** @throws WhospeaksError `transcript-format`, `transcript-times` or `transcript-limit`; then nothing changes */
  push({ words, final, channel }: StreamWords): void {
    for (const [i, word] of words.entries()) check(word, i);
    if (!final && words.length > MAX_WORDS) {
      throw limit(`a guess of ${words.length} words is too long; at most ${MAX_WORDS} are taken`);
    }
    const waiting = [...this.unsent, ...this.sent].reduce((sum, message) => sum + message.words.length, 0);
    if (waiting + words.length > MAX_WAITING) {
      throw limit(`${waiting} words wait for the connection; send these again when it is back`);
    }
    // What follows a guess on its channel takes its place.
    this.unsent = this.unsent.filter((message) => message.final || message.channel !== channel);
    const before = [...this.sent, ...this.unsent].filter((message) => message.channel === channel).at(-1);
    // There is no guess that it would withdraw; a recogniser that hears silence tells nothing without end.
    if (words.length === 0 && before?.final === true) return;
    const of = channel === undefined ? {} : { channel };
    const ordered = [...words].sort((a, b) => a.start - b.start).map(onlyWord);
    for (let at = 0; at < Math.max(1, ordered.length); at += MAX_WORDS) {
      this.unsent.push({ words: ordered.slice(at, at + MAX_WORDS), final, ...of });
    }
  }

  /** The messages that may be sent now, in the time of the session: audio up to `sentSeconds` was sent before them. */
  take(sentSeconds: number): Sent[] {
    const messages: Sent[] = [];
    for (;;) {
      const [first] = this.unsent;
      if (first === undefined || first.words.some(({ end }) => end > sentSeconds)) return messages;
      this.unsent.shift();
      const sent = { ...first, sequence: this.next++ };
      this.sent.push(sent);
      const inSession = first.words.map((word) => ({
        ...word,
        start: Math.max(0, word.start - this.offsetSeconds),
        end: Math.max(0, word.end - this.offsetSeconds),
      }));
      messages.push({ ...sent, words: inSession });
    }
  }

  /** The server has taken the messages before `nextWords`. */
  ack(nextWords: number): void {
    while (this.sent[0] !== undefined && this.sent[0].sequence < nextWords) this.sent.shift();
  }

  /** A connection resumed the session: what the server lacks is sent again. */
  resume(nextWords: number): void {
    this.ack(nextWords);
    const again = this.sent.map(({ sequence, ...message }) => message);
    const waiting = [...again, ...this.unsent];
    this.unsent = waiting.filter(
      ({ final, channel }, i) => final || !waiting.slice(i + 1).some((later) => later.channel === channel),
    );
    this.sent = [];
    this.next = nextWords;
  }

  /** A new session begins at `offsetSeconds`. Returns how many final words were of audio before it, and are lost. */
  restart(offsetSeconds: number): number {
    this.resume(0);
    this.offsetSeconds = offsetSeconds;
    let lost = 0;
    this.unsent = this.unsent.map(({ words, ...message }) => {
      const kept = words.filter(({ end }) => end > offsetSeconds);
      if (message.final) lost += words.length - kept.length;
      return { ...message, words: kept };
    });
    return lost;
  }
}

function onlyWord({ text, start, end, confidence }: StreamWord): StreamWord {
  return { text, start, end, ...(confidence === undefined ? {} : { confidence }) };
}

/** As the protocol bounds them, so that no message is refused for what could be known here. */
function check({ text, start, end }: StreamWord, i: number): void {
  const which = `word ${i + 1}`;
  if (typeof text !== 'string' || text === '') {
    throw new WhospeaksError('transcript-format', `${which} has no "text"`);
  }
  if (text.length > MAX_WORD_CHARACTERS)
    throw limit(`${which} has ${text.length} characters, and is no word`);
  if (!(Number.isFinite(start) && Number.isFinite(end) && start >= 0 && end >= start)) {
    throw new WhospeaksError(
      'transcript-times',
      `${which} ("${text.slice(0, 40)}") is from ${start} to ${end} s; times are seconds of the stream`,
    );
  }
}

function limit(message: string): WhospeaksError {
  return new WhospeaksError('transcript-limit', message);
}
