import { WhospeaksError } from '../errors.js';
import { FIRST_MP4_BOXES } from './file/detect.js';
import { parseMp3Frame } from './file/mp3-header.js';
import { parseAdtsHeader } from './file/packets/adts.js';

/** Bytes at a place that no raw PCM begins with, and whose they are. */
const SIGNATURES: readonly (readonly [offset: number, signature: string, name: string])[] = [
  [0, 'RIFF', 'a wav file'],
  [0, 'RF64', 'a wav file (RF64)'],
  [0, 'BW64', 'a wav file (BW64)'],
  [0, 'RIFX', 'a big-endian wav file'],
  [0, 'fLaC', 'a flac file'],
  [0, 'OggS', 'an ogg file'],
  [0, 'ID3', 'an mp3 file'],
  [0, '\x1a\x45\xdf\xa3', 'WebM or Matroska'],
  [0, 'FORM', 'an AIFF file'],
  [0, 'caff', 'a CAF file'],
  [0, '#!AMR', 'an AMR file'],
  [0, 'wvpk', 'a WavPack file'],
  [0, 'riff', 'a wav file (W64)'],
  [0, '.snd', 'an AU file'],
  [0, '\x30\x26\xb2\x75', 'Windows Media'],
  ...FIRST_MP4_BOXES.map((type) => [4, type, 'MP4 (m4a)'] as const),
];
const SIGNATURE_BYTES = 8;
/** Headers in a row, each where the one before says, that make MPEG audio: raw samples hold single ones by chance. */
const HEADERS_IN_A_ROW = 3;

/** What the first bytes of a stream are. */
export type FirstBytes = { readonly container: string } | 'raw' | 'too few';

/** Told apart by signatures, and by frame headers in a row; "too few" bytes to tell are 17 kB at the most. */
export function firstBytesAre(head: Uint8Array): FirstBytes {
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, SIGNATURE_BYTES)).toString(
    'latin1',
  );
  const found = SIGNATURES.find(([offset, signature]) => text.startsWith(signature, offset));
  if (found !== undefined) return { container: found[2] };
  const mp3 = framesIn(head, (at) => {
    const frame = parseMp3Frame(head, at);
    return frame === null ? null : { length: frame.bytes, rateHz: frame.rateHz };
  });
  if (mp3 === 'all') return { container: 'an mp3 file' };
  const aac = framesIn(head, (at) => parseAdtsHeader(head.subarray(at)));
  if (aac === 'all') return { container: 'AAC (ADTS)' };
  return mp3 === 'too few' || aac === 'too few' || text.length < SIGNATURE_BYTES ? 'too few' : 'raw';
}

/** Bytes of the longest header that is looked at. */
const HEADER_BYTES = 7;

function framesIn(
  head: Uint8Array,
  parse: (at: number) => { readonly length: number; readonly rateHz: number } | null,
): 'all' | 'too few' | 'none' {
  let at = 0;
  let rateHz: number | null = null;
  for (let i = 0; i < HEADERS_IN_A_ROW; i++) {
    if (at < head.length && head[at] !== 0xff) return 'none';
    if (at + HEADER_BYTES > head.length) return 'too few';
    const frame = parse(at);
    if (frame === null || frame.length <= 0 || frame.rateHz !== (rateHz ?? frame.rateHz)) return 'none';
    ({ rateHz } = frame);
    at += frame.length;
  }
  return 'all';
}

/** Lets raw PCM through, and holds the first bytes back for as long as they may be the beginning of a file. */
export class RawGuard {
  readonly #advice: string;
  #held: Uint8Array | null = new Uint8Array(0);

  /** @param advice what to do instead of sending a file as raw PCM */
  constructor(advice: string) {
    this.#advice = advice;
  }

  /** Whether nothing is held back any more. */
  get isDone(): boolean {
    return this.#held === null;
  }

  /**
   * @returns what may be decoded now
   * @throws WhospeaksError `audio-format` where it is a file
   */
  push(bytes: Uint8Array): Uint8Array {
    if (this.#held === null) return bytes;
    const all = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    const first = firstBytesAre(all);
    if (typeof first === 'object') {
      this.#held = null;
      throw new WhospeaksError(
        'audio-format',
        `the sound is ${first.container}, not raw PCM; ${this.#advice}`,
      );
    }
    this.#held = first === 'raw' ? null : Uint8Array.from(all);
    return first === 'raw' ? all : new Uint8Array(0);
  }

  /** What is held back still, at the end. */
  flush(): Uint8Array {
    const held = this.#held ?? new Uint8Array(0);
    this.#held = null;
    return held;
  }
}
