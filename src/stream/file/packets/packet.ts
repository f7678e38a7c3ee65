/** One packet of a container, and where its sound belongs. */
export interface Packet {
  readonly bytes: Uint8Array;
  /** Where it begins, s of the container's time; below 0 for what the decoder needs and nobody hears. Null: after the last. */
  readonly atSeconds: number | null;
  /** What of its sound counts: from here … */
  readonly fromSeconds: number;
  /** … to here, s of the container's time. */
  readonly toSeconds: number;
}

/** A packet that follows the one before, all of which counts. */
export function packetAfter(bytes: Uint8Array): Packet {
  return { bytes, atSeconds: null, fromSeconds: -Infinity, toSeconds: Infinity };
}
