/**
 * How much audio a client may have on its way, in bytes of payload. What was granted once is never taken
 * back: the sender may have used it already. Bytes are counted over the whole session.
 */
export class Credit {
  readonly capacityBytes: number;
  #grantedTo: number;

  constructor(capacityBytes: number) {
    this.capacityBytes = capacityBytes;
    this.#grantedTo = capacityBytes;
  }

  /** Whether a sender that has sent `totalBytes` in all kept to its credit. */
  allows(totalBytes: number): boolean {
    return totalBytes <= this.#grantedTo;
  }

  /** Whether what could be granted now is worth a message of its own: a quarter more than is left. */
  isWorthTelling(receivedBytes: number, queuedBytes: number): boolean {
    const left = this.#grantedTo - receivedBytes;
    return this.capacityBytes - queuedBytes - left >= this.capacityBytes / 4;
  }

  /** Grant what is free; returns the bytes that may be sent beyond `receivedBytes`. */
  grant(receivedBytes: number, queuedBytes: number): number {
    this.#grantedTo = Math.max(this.#grantedTo, receivedBytes + this.capacityBytes - queuedBytes);
    return this.#grantedTo - receivedBytes;
  }
}
