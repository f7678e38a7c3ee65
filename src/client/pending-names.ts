import type { ErrorMessage, NameMessage } from '../protocol/index.js';
import type { StreamEvent } from './events.js';

interface Pending {
  readonly message: NameMessage;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Names that were asked for and not answered yet. */
export class PendingNames {
  private pending: Pending[] = [];

  /** To be sent again after a resume. */
  get unanswered(): NameMessage[] {
    return this.pending.map(({ message }) => message);
  }

  add(message: NameMessage): Promise<void> {
    return new Promise((resolve, reject) => {
      this.pending.push({ message, resolve, reject });
    });
  }

  hear(event: StreamEvent): void {
    if (event.type !== 'named') return;
    const { label, speaker } = event;
    this.take(
      (asked) => asked.label === label && asked.speaker.normalize('NFC').trim() === speaker,
    )?.resolve();
  }

  refuse({ label, speaker }: NonNullable<ErrorMessage['answers']>, error: Error): void {
    this.take((asked) => asked.label === label && asked.speaker === speaker)?.reject(error);
  }

  refuseAll(error: Error): void {
    for (const { reject } of this.pending.splice(0)) reject(error);
  }

  /** The first that is meant; it waits no longer. */
  private take(isMeant: (message: NameMessage) => boolean): Pending | undefined {
    const at = this.pending.findIndex(({ message }) => isMeant(message));
    return at < 0 ? undefined : this.pending.splice(at, 1)[0];
  }
}
