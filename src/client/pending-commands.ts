import { WhospeaksError } from '../errors.js';
import type { AssignMessage, NameMessage } from '../protocol/index.js';
import type { StreamEvent } from './events.js';

export type CommandMessage = NameMessage | AssignMessage;
/** Which command an error answers. */
export type AnsweredCommand =
  Pick<NameMessage, 'label' | 'speaker'> | Pick<AssignMessage, 'turn' | 'speaker'>;

interface Pending {
  readonly message: CommandMessage;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** What was said of the stream's voices and not answered yet. */
export class PendingCommands {
  private pending: Pending[] = [];

  /** To be sent again after a resume. */
  get unanswered(): CommandMessage[] {
    return this.pending.map(({ message }) => message);
  }

  add(message: CommandMessage): Promise<void> {
    return new Promise((resolve, reject) => {
      this.pending.push({ message, resolve, reject });
    });
  }

  hear(event: StreamEvent): void {
    this.take((asked) => isAnswer(event, asked))?.resolve();
  }

  refuse(answers: AnsweredCommand, error: Error): void {
    this.take((asked) => {
      if (asked.speaker !== answers.speaker) return false;
      return 'turn' in answers
        ? asked.type === 'assign' && asked.turn === answers.turn
        : asked.type === 'name' && asked.label === answers.label;
    })?.reject(error);
  }

  refuseAll(error: Error): void {
    for (const { reject } of this.pending.splice(0)) reject(error);
  }

  /** The first that is meant; it waits no longer. */
  private take(isMeant: (message: CommandMessage) => boolean): Pending | undefined {
    const at = this.pending.findIndex(({ message }) => isMeant(message));
    return at < 0 ? undefined : this.pending.splice(at, 1)[0];
  }
}

/** As the protocol bounds them; whether the name itself will do, the server says. */
export function isSpeakable(message: CommandMessage): boolean {
  const within = (text: string, most: number): boolean => text.length >= 1 && text.length <= most;
  if (!within(message.speaker, 256)) return false;
  return message.type === 'name'
    ? within(message.label, 64)
    : Number.isSafeInteger(message.turn) && message.turn >= 0;
}

export function unspeakable(): WhospeaksError {
  return new WhospeaksError(
    'speaker-name',
    'a label has 1 to 64 characters, a name 1 to 256, and a turn a number',
  );
}

function isAnswer(event: StreamEvent, asked: CommandMessage): boolean {
  if (!('speaker' in event)) return false;
  const isMeant =
    asked.type === 'name'
      ? event.type === 'named' && event.label === asked.label
      : (event.type === 'correction' || event.type === 'tentative') && event.turn === asked.turn;
  // The server tells names as they are enrolled: with other capitals, perhaps.
  return isMeant && keyOf(event.speaker) === keyOf(asked.speaker);
}

function keyOf(name: string): string {
  return name.normalize('NFC').trim().toLowerCase();
}
