import type { WebSocket } from 'ws';
import type { ClientLink } from './session/link.js';

/** How long the other side has to answer a close before the socket is destroyed, ms. */
const CLOSE_GRACE_MS = 3000;

/** A WebSocket as sessions see it. */
export class WsLink implements ClientLink {
  readonly #socket: WebSocket;
  #isOpen = true;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.once('close', () => (this.#isOpen = false));
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  send(text: string): void {
    if (this.#isOpen) this.#socket.send(text, ignore);
  }

  close(code: number, reason: string): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    // A reader that does not read must not hold what was sent to it.
    this.#socket.resume();
    this.#socket.close(code, reason);
    setTimeout(() => {
      this.#socket.terminate();
    }, CLOSE_GRACE_MS).unref();
  }
}

/** A message that did not get out is told by the socket's `close`. */
function ignore(): void {
  // Nothing to do.
}
