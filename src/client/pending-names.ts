import type { ErrorMessage, NameMessage } from '../protocol/index.js';
import type { StreamEvent } from './events.js';

interface Pending {
  readonly message: NameMessage;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  /** The voice has the name; whether it is stored too is not known yet. */
  isNamed: boolean;
}

/** Names that were asked for and not answered yet. */
export class PendingNames {
  private pending: Pending[] = [];
  /** The group's speakers. */
  private speakers: readonly string[] = [];

  /** To be sent again after a resume. */
  get unanswered(): NameMessage[] {
    return this.pending.filter(({ isNamed }) => !isNamed).map(({ message }) => message);
  }

  add(message: NameMessage): Promise<void> {
    return new Promise((resolve, reject) => {
      this.pending.push({ message, resolve, reject, isNamed: false });
    });
  }

  hear(event: StreamEvent): void {
    if (event.type !== 'named') return;
    const asked = this.pending.find(
      ({ message }) => message.label === event.label && stored(message.speaker) === event.speaker,
    );
    if (asked !== undefined) asked.isNamed = true;
    this.resolve();
  }

  /** The group's speakers are these now: a voice that was to be stored is. */
  hearSpeakers(speakers: readonly string[]): void {
    this.speakers = speakers;
    this.resolve();
  }

  refuse({ label, speaker }: NonNullable<ErrorMessage['answers']>, error: Error): void {
    const at = this.pending.findIndex(
      ({ message }) => message.label === label && message.speaker === speaker,
    );
    if (at >= 0) this.pending.splice(at, 1)[0]!.reject(error);
  }

  refuseAll(error: Error): void {
    for (const { reject } of this.pending.splice(0)) reject(error);
  }

  private resolve(): void {
    const isDone = ({ isNamed, message }: Pending): boolean =>
      isNamed && (message.save === false || this.speakers.includes(stored(message.speaker)));
    const done = this.pending.filter(isDone);
    this.pending = this.pending.filter((pending) => !isDone(pending));
    for (const { resolve } of done) resolve();
  }
}

/** A name as the server keeps it. */
function stored(speaker: string): string {
  return speaker.normalize('NFC').trim();
}
