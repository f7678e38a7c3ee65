import type { NameMessage } from '../protocol/index.js';
import type { StreamEvent } from './events.js';

interface Pending {
  readonly message: NameMessage;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Names that were asked for and not answered yet. Answers come in the order of the questions. */
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
    const answered = this.pending.filter(({ message }) => message.label === event.label);
    this.pending = this.pending.filter(({ message }) => message.label !== event.label);
    for (const { resolve } of answered) resolve();
  }

  refuse(error: Error): void {
    this.pending.shift()?.reject(error);
  }

  refuseAll(error: Error): void {
    for (const { reject } of this.pending.splice(0)) reject(error);
  }
}
