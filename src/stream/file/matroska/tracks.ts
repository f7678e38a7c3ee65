import { elementsIn, float, unsigned } from './ebml.js';

/** What a Matroska file (RFC 9559) says of one track. */
export interface MatroskaTrack {
  readonly number: number;
  readonly isAudio: boolean;
  readonly codec: string;
  readonly codecPrivate: Buffer;
  /** Sound that the decoder gives before what is heard, s. */
  readonly delaySeconds: number;
  /** Its blocks are compressed or encrypted by the container. */
  readonly isEncoded: boolean;
  readonly rateHz: number;
  readonly channels: number;
  readonly bitDepth: number;
}

const ID = {
  number: 0xd7,
  type: 0x83,
  codec: 0x86,
  codecPrivate: 0x63a2,
  codecDelay: 0x56aa,
  encodings: 0x6d80,
  audio: 0xe1,
  rate: 0xb5,
  channels: 0x9f,
  bitDepth: 0x6264,
};
const AUDIO = 2;

/** @param entry the payload of a TrackEntry */
export function parseTrack(entry: Buffer): MatroskaTrack {
  const fields = new Map<number, Buffer>();
  for (const { id, bytes } of elementsIn(entry)) {
    fields.set(id, bytes);
    if (id === ID.audio) for (const each of elementsIn(bytes)) fields.set(each.id, each.bytes);
  }
  const number = (id: number, otherwise: number): number => {
    const bytes = fields.get(id);
    return bytes === undefined ? otherwise : unsigned(bytes);
  };
  const rate = fields.get(ID.rate);
  return {
    number: number(ID.number, 0),
    isAudio: number(ID.type, 0) === AUDIO,
    codec: (fields.get(ID.codec) ?? Buffer.alloc(0)).toString('latin1').replace(/\0.*$/s, ''),
    codecPrivate: fields.get(ID.codecPrivate) ?? Buffer.alloc(0),
    delaySeconds: number(ID.codecDelay, 0) / 1e9,
    isEncoded: fields.has(ID.encodings),
    rateHz: rate === undefined ? 8000 : Math.round(float(rate)),
    channels: number(ID.channels, 1),
    bitDepth: number(ID.bitDepth, 0),
  };
}
