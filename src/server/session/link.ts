/** What a session needs of the socket that it talks through. */
export interface ClientLink {
  /** False once it was hung up, from either side: nothing that still comes counts. */
  readonly isOpen: boolean;
  /** Bytes that were sent and that the network has not taken yet. */
  readonly bufferedBytes: number;
  send(text: string): void;
  /** Say why, and hang up; what was sent before still goes out where the other side reads it. */
  close(code: number, reason: string): void;
}
