import { WhospeaksError } from '../../errors.js';
import type { NameCommand, Profile } from '../../tracker/index.js';

export interface NamedVoice {
  readonly profile: Profile;
  /** Whether it was stored. */
  readonly saved: boolean;
}

interface Request {
  readonly label: string;
  readonly save: boolean;
  readonly resolve: (voice: NamedVoice) => void;
  readonly reject: (error: unknown) => void;
}

/** Requests that may wait at once. */
const MAX_WAITING = 16;

/** Wishes to name unknown voices of one stream, on their way through its tracker. */
export class NameRequests {
  readonly #command: (command: NameCommand) => void;
  #waiting: Request[] = [];
  #isClosed = false;

  constructor(command: (command: NameCommand) => void) {
    this.#command = command;
  }

  /** Rejects with `speaker-name` where the tracker refuses, `server-limit` where too many wait, `session-unknown` at the end. */
  name(label: string, speaker: string, save: boolean): Promise<NamedVoice> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) throw over();
      if (this.#waiting.length >= MAX_WAITING) {
        throw new WhospeaksError(
          'server-limit',
          'too many names wait to be given on this stream; wait for the first',
        );
      }
      this.#waiting.push({ label, save, resolve, reject });
      this.#command({ type: 'name', label, speaker });
    });
  }

  /** The voice `label` has its name: the request that asked for it. */
  take(label: string): Request | undefined {
    const at = this.#waiting.findIndex((request) => request.label === label);
    return at < 0 ? undefined : this.#waiting.splice(at, 1)[0];
  }

  /** The tracker refused a command: the oldest request. Returns whether there was one. */
  refuse(error: WhospeaksError): boolean {
    const request = this.#waiting.shift();
    request?.reject(error);
    return request !== undefined;
  }

  close(): void {
    this.#isClosed = true;
    for (const { reject } of this.#waiting.splice(0)) reject(over());
  }
}

function over(): WhospeaksError {
  return new WhospeaksError(
    'session-unknown',
    'the stream is over; enrol the speaker from a recording instead',
  );
}
