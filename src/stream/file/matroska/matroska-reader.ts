import { WhospeaksError } from '../../../errors.js';
import type { ByteReader } from '../byte-reader.js';
import { parseBlock, parseBlockGroup, type Block } from './blocks.js';
import { elementsIn, float, MAX_HEAD_BYTES, parseHead, parseNumber, skipTo, unsigned } from './ebml.js';
import { parseTrack, type MatroskaTrack } from './tracks.js';

const ID = {
  head: 0x1a45dfa3,
  docType: 0x4282,
  segment: 0x18538067,
  info: 0x1549a966,
  timestampScale: 0x2ad7b1,
  duration: 0x4489,
  tracks: 0x1654ae6b,
  trackEntry: 0xae,
  cluster: 0x1f43b675,
  timestamp: 0xe7,
  simpleBlock: 0xa3,
  blockGroup: 0xa0,
};
/** Elements whose own ones are read one by one: they may be as long as the file, or of a length nobody knew. */
const OPEN = new Set([ID.segment, ID.tracks, ID.cluster]);
/** Elements that are read whole, and the most that they can have. */
const MAX_BYTES = new Map([
  [ID.head, 4096],
  [ID.info, 65_536],
  [ID.trackEntry, 2 ** 20],
  [ID.timestamp, 8],
  [ID.simpleBlock, 2 ** 22],
  [ID.blockGroup, 2 ** 22],
]);
const CLUSTER_SIGNATURE = Buffer.from('1f43b675', 'hex');
const DEFAULT_TICK_NS = 1_000_000;

/** What the file says of itself before its first cluster. */
export interface MatroskaInfo {
  tickSeconds: number;
  /** 0 where the writer did not know. */
  durationSeconds: number;
  readonly tracks: MatroskaTrack[];
}

/**
 * Matroska or WebM, read forward only, so that pipes and live streams can be read: what stands behind (an index, tags)
 * is not needed. Damage is skipped up to the next cluster, and counted.
 */
export class MatroskaReader {
  readonly info: MatroskaInfo = { tickSeconds: DEFAULT_TICK_NS / 1e9, durationSeconds: 0, tracks: [] };
  readonly #reader: ByteReader;
  #damaged = 0;
  #cutShort = false;
  #clusterTicks = 0;
  /** Where the segment ends, Infinity where its size is unknown. */
  #end = Infinity;

  constructor(reader: ByteReader) {
    this.#reader = reader;
  }

  /** Places where it was damaged. */
  get damaged(): number {
    return this.#damaged;
  }

  /** True where the file ends before an element does. */
  get cutShort(): boolean {
    return this.#cutShort;
  }

  /** Up to the first cluster. @throws WhospeaksError `audio-unsupported`, `audio-corrupt` */
  async readHead(): Promise<void> {
    for (;;) {
      const id = await this.#next(ID.cluster);
      if (id === ID.cluster || id === null) return;
    }
  }

  /** Blocks of one track, with their time in s. */
  async *blocks(track: number): AsyncGenerator<Block & { readonly seconds: number }, void, undefined> {
    for (;;) {
      const found = await this.#next(null, track);
      if (found === null) return;
      if (typeof found === 'number') continue;
      const seconds = (this.#clusterTicks + found.ticks) * this.info.tickSeconds;
      yield { ...found, seconds };
    }
  }

  /** Reads the next element. @returns its ID, or the block; null at the end */
  async #next(stopBefore: number | null, track?: number): Promise<number | Block | null> {
    const reader = this.#reader;
    const ahead = await reader.peek(MAX_HEAD_BYTES);
    if (ahead.length === 0) {
      if (reader.position < this.#end && this.#end !== Infinity) this.#cutShort = true;
      return null;
    }
    const head = parseHead(ahead, 0);
    if (head === null || (head.element.bytes === null && !OPEN.has(head.element.id)))
      return this.#resync(ahead);
    const { id, bytes } = head.element;
    if (id === stopBefore) return id;
    await reader.skip(head.end);
    if (id === ID.segment) this.#end = bytes === null ? Infinity : reader.position + bytes;
    if (OPEN.has(id)) return id;
    const most = MAX_BYTES.get(id);
    if (most === undefined) {
      if ((await reader.skip(bytes!)) < bytes!) this.#cutShort = true;
      return id;
    }
    const isBlock = id === ID.simpleBlock || id === ID.blockGroup;
    if (isBlock && id === ID.simpleBlock && (await this.#isOfOther(track))) {
      if ((await reader.skip(bytes!)) < bytes!) this.#cutShort = true;
      return id;
    }
    if (bytes! > most) {
      this.#damaged += 1;
      await reader.skip(bytes!);
      return id;
    }
    const payload = await reader.read(bytes!);
    if (payload.length < bytes!) {
      this.#cutShort = true;
      return null;
    }
    if (!isBlock) {
      this.#take(id, payload);
      return id;
    }
    const block = id === ID.simpleBlock ? parseBlock(payload) : parseBlockGroup(payload);
    if (block === null) this.#damaged += 1;
    return block !== null && block.track === track ? block : id;
  }

  /** Whether the block ahead is of another track, such as one of video, which may be large. */
  async #isOfOther(track: number | undefined): Promise<boolean> {
    const number = parseNumber(await this.#reader.peek(MAX_HEAD_BYTES), 0);
    return number !== null && number.value !== track;
  }

  #take(id: number, payload: Buffer): void {
    const { info } = this;
    if (id === ID.timestamp) this.#clusterTicks = unsigned(payload);
    else if (id === ID.trackEntry) info.tracks.push(parseTrack(payload));
    else if (id === ID.head) this.#assertDocType(payload);
    else if (id === ID.info) {
      let tickNs = DEFAULT_TICK_NS;
      let ticks = 0;
      for (const { id: field, bytes } of elementsIn(payload)) {
        if (field === ID.timestampScale) tickNs = unsigned(bytes);
        if (field === ID.duration) ticks = float(bytes);
      }
      info.tickSeconds = tickNs / 1e9;
      if (Number.isFinite(ticks) && ticks > 0) info.durationSeconds = ticks * info.tickSeconds;
    }
  }

  #assertDocType(payload: Buffer): void {
    for (const { id, bytes } of elementsIn(payload)) {
      const type = bytes.toString('latin1').replace(/\0.*$/s, '');
      if (id !== ID.docType || type === 'webm' || type === 'matroska') continue;
      throw new WhospeaksError(
        'audio-unsupported',
        `${this.#reader.name} is EBML of another kind than WebM and Matroska; convert it to wav or flac`,
      );
    }
  }

  async #resync(ahead: Buffer): Promise<number | null> {
    // A few bytes at the end are the beginning of an element.
    if (ahead.length < MAX_HEAD_BYTES && ahead[0] !== 0) this.#cutShort = true;
    else this.#damaged += 1;
    return (await skipTo(this.#reader, CLUSTER_SIGNATURE)) ? 0 : null;
  }
}
