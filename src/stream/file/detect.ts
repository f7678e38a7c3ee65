import { WhospeaksError } from '../../errors.js';
import type { ByteReader } from './byte-reader.js';
import { findMp3Frame } from './mp3-header.js';
import { firstAudioPage, formatOf, type OggFormat } from './ogg-heads.js';
import { findAdtsFrame } from './packets/adts.js';
import { isWav } from './wav/is-wav.js';

export type AudioFormat = OggFormat | 'wav' | 'flac' | 'mp3' | 'mp4' | 'matroska' | 'aac';

const READABLE = 'whospeaks reads wav, flac, mp3, ogg (vorbis, opus, flac), m4a, webm and aac';
const LOOK_BYTES = 65_536;
/** Boxes that an MP4 or a QuickTime movie may begin with (ISO/IEC 14496-12, 4.2; QuickTime has no `ftyp`). */
export const FIRST_MP4_BOXES: readonly string[] = [
  'ftyp',
  'styp',
  'moov',
  'moof',
  'mdat',
  'free',
  'skip',
  'wide',
  'sidx',
  'pdin',
];

/** Signatures of formats that are known and not read, so that the message can name them. */
const FOREIGN: readonly (readonly [offset: number, signature: string, name: string])[] = [
  [0, 'RIFX', 'big-endian wav'],
  [0, 'FORM', 'AIFF'],
  [0, '.snd', 'AU'],
  [0, 'caff', 'CAF'],
  [0, '#!AMR', 'AMR'],
  [0, '\x30\x26\xb2\x75', 'Windows Media'],
  [0, 'wvpk', 'WavPack'],
  [0, 'riff', 'Wave64'],
  [0, 'OggS', 'Ogg with another codec than Opus, Vorbis and FLAC'],
  [0, 'MAC ', "Monkey's Audio"],
  [8, 'AVI ', 'AVI video'],
];

/**
 * Which format a file holds, by its content and never by its name. A leading ID3 tag is consumed.
 *
 * @throws WhospeaksError `audio-empty` for a file of no bytes, `audio-unsupported` for anything else
 *   that is not audio this SDK reads
 */
export async function detectFormat(reader: ByteReader): Promise<AudioFormat> {
  const head = await reader.peek(LOOK_BYTES);
  if (head.length === 0) throw new WhospeaksError('audio-empty', `${reader.name} is empty (0 bytes)`);
  const tagBytes = id3Bytes(head);
  if (tagBytes > 0) {
    await reader.skip(tagBytes);
    return detectFormat(reader);
  }
  const format = match(head);
  if (format) return format;
  const foreign = FOREIGN.find(([offset, signature]) => text(head, offset, signature.length) === signature);
  const what = foreign ? `is ${foreign[2]}` : 'is not audio in a format that is known';
  throw new WhospeaksError(
    'audio-unsupported',
    `${reader.name} ${what}; ${READABLE}: convert it, for example with ffmpeg`,
  );
}

function match(head: Buffer): AudioFormat | null {
  if (isWav(head)) return 'wav';
  if (text(head, 0, 4) === 'fLaC') return 'flac';
  const ogg = firstAudioPage(head);
  if (ogg) return formatOf(ogg);
  if (FIRST_MP4_BOXES.includes(text(head, 4, 4))) return 'mp4';
  if (text(head, 0, 4) === '\x1a\x45\xdf\xa3') return 'matroska';
  return matchFrames(head);
}

/** Streams of frames, which may begin in the middle of one: the one that is found first. */
function matchFrames(head: Buffer): AudioFormat | null {
  const aac = findAdtsFrame(head);
  const mp3 = findMp3Frame(head);
  if (aac !== null && (mp3 === null || aac <= mp3.offset)) return 'aac';
  return mp3 === null ? null : 'mp3';
}

/** Length of an ID3v2 tag, 0 where there is none. */
function id3Bytes(head: Buffer): number {
  if (head.length < 10 || text(head, 0, 3) !== 'ID3') return 0;
  const size = (head[6]! << 21) | (head[7]! << 14) | (head[8]! << 7) | head[9]!;
  const footer = (head[5]! & 0x10) !== 0 ? 10 : 0;
  return 10 + size + footer;
}

function text(bytes: Buffer, offset: number, length: number): string {
  return bytes.toString('latin1', offset, offset + length);
}
