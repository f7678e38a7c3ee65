import { WhospeaksError } from '../../../errors.js';
import type { SoundBlock } from '../../condition.js';
import { SAMPLE_RATE_HZ } from '../../types.js';
import { READ_BYTES, type ByteReader } from '../byte-reader.js';
import type { FileDecoder } from '../format.js';
import { parseWavFormat, type WavFormat } from './wav-format.js';

/** Sizes from here up are what writers to a pipe leave where they cannot know the length. */
const STREAMED_BYTES = 0x7fff0000;
/** Chunks before the audio; a file made to do harm has millions, with nothing in them. */
const MAX_CHUNKS = 1024;
/** Of the format chunk: the longest known one has 50. */
const MAX_FORMAT_BYTES = 1024;

/**
 * RIFF / WAVE: integers of 8 to 32 bits, 32 and 64 bit floats, A-law and mu-law, IMA and MS ADPCM, plain or
 * EXTENSIBLE, any number of channels, RF64 beyond 4 GiB. Chunks before the data are skipped. A data size of 0 or of
 * 2 GiB and more that the file does not hold means that the length was not known when the header was
 * written: everything to the end of the file is audio. Several data chunks, and wav files joined end to end, are heard
 * one after the other.
 */
export const decodeWav: FileDecoder = async function* (reader, facts) {
  await reader.skip(12);
  let format: WavFormat | null = null;
  let longBytes: number | null = null;
  let madeSamples: number | null = null;
  let isHeard = false;
  let endSamples = 0;
  for (let chunks = 0; chunks < MAX_CHUNKS; chunks++) {
    const head = await reader.read(8);
    // What follows the audio may be anything.
    if (isHeard && !isChunkHead(head)) return;
    if (head.length < 8) throw noData(reader, format);
    const id = head.toString('latin1', 0, 4);
    const size = head.readUInt32LE(4);
    if (id === 'data' && !(isHeard && size === 0)) {
      if (!format) throw corrupt(reader, 'has no format before its data');
      const { rateHz } = format;
      const before = endSamples;
      yield* decodeData(reader, format, dataBytes(size, longBytes), madeSamples, (samples) => {
        endSamples = before + Math.round((samples * SAMPLE_RATE_HZ) / rateHz);
        facts.durationSamples = endSamples;
      });
      isHeard = true;
      await skipPadding(reader, size);
      continue;
    }
    if (id === 'RIFF' && isHeard) {
      await reader.skip(4);
      continue;
    }
    if (id === 'fmt ') {
      const wanted = Math.min(size, MAX_FORMAT_BYTES);
      const fmt = await reader.peek(wanted);
      if (fmt.length < wanted) throw noData(reader, format);
      format = parseWavFormat(reader.name, fmt);
    } else if (id === 'ds64') {
      const sizes = await reader.peek(Math.min(size, 28));
      if (sizes.length >= 16) longBytes = Number(sizes.readBigUInt64LE(8));
    } else if (id === 'fact') {
      const fact = await reader.peek(Math.min(size, 4));
      if (fact.length === 4) madeSamples = fact.readUInt32LE(0);
    }
    if ((await reader.skip(size)) < size && !isHeard) throw noData(reader, format);
    await skipPadding(reader, size);
  }
  if (!isHeard) throw corrupt(reader, `has more than ${MAX_CHUNKS} chunks before its audio`);
};

/** Chunks are padded to an even size. Where a writer forgot it, the byte is the first of the next chunk's name. */
async function skipPadding(reader: ByteReader, size: number): Promise<void> {
  if (size % 2 === 1 && !isChunkHead(await reader.peek(8))) await reader.skip(1);
}

function isChunkHead(head: Buffer): boolean {
  return head.length === 8 && /^[A-Za-z][\w ]{3}$/.test(head.toString('latin1', 0, 4));
}

/** Declared bytes of audio, or null where the writer could not know. */
function dataBytes(size: number, longBytes: number | null): number | null {
  if (size === 0xffffffff && longBytes !== null && longBytes > 0) return longBytes;
  return size === 0 ? null : size;
}

async function* decodeData(
  reader: ByteReader,
  format: WavFormat,
  declared: number | null,
  madeSamples: number | null,
  onLength: (samples: number) => void,
): AsyncGenerator<SoundBlock, void, undefined> {
  const { rateHz, blockBytes, samplesIn } = format;
  const inFile = reader.sizeBytes === undefined ? null : reader.sizeBytes - reader.position;
  const streamed =
    declared === null || (declared >= STREAMED_BYTES && (inFile === null || inFile < declared));
  if (declared === null && (await onlyChunksFollow(reader))) return;
  const decoder = format.makeDecoder(reader.channels);
  // A last block of ADPCM is filled up with what is no audio; how much of it is, the fact chunk tells.
  let keep = Infinity;
  if (decoder.flush && madeSamples !== null && madeSamples > 0 && !streamed) {
    const most = samplesIn(declared);
    if (madeSamples <= most && madeSamples > most - samplesIn(blockBytes)) keep = madeSamples;
  }
  if (inFile !== null) onLength(Math.min(keep, samplesIn(streamed ? inFile : Math.min(declared, inFile))));

  const block = (planes: readonly Float32Array[]): SoundBlock => {
    const kept = planes.map((samples) => samples.subarray(0, Math.min(samples.length, keep)));
    keep -= kept[0]?.length ?? 0;
    return { rateHz, planes: kept };
  };
  const pieceBytes = oneSecond(format);
  let left = streamed ? Infinity : declared;
  while (left > 0) {
    const bytes = await reader.read(Math.min(pieceBytes, left));
    if (bytes.length === 0) break;
    left -= bytes.length;
    yield block(decoder.push(bytes));
  }
  if (decoder.flush) yield block(decoder.flush());
  if (!streamed && left > 0) {
    throw new WhospeaksError(
      'audio-truncated',
      `${reader.name} is cut short: ${left} of the ${declared} bytes of audio its header promises are missing`,
    );
  }
  if (decoder.pendingBytes > 0 && streamed) {
    throw new WhospeaksError('audio-truncated', `${reader.name} ends in the middle of a sample`);
  }
}

/** Bytes read at a time: no more than a second, so that nobody waits for the rest. */
function oneSecond({ rateHz, blockBytes, samplesIn }: WavFormat): number {
  const blocks = Math.ceil(rateHz / Math.max(1, samplesIn(blockBytes)));
  return Math.max(blockBytes, Math.min(READ_BYTES, blocks * blockBytes));
}

/** After a data chunk that really is empty there may be tags; raw audio does not look like them. */
async function onlyChunksFollow(reader: ByteReader): Promise<boolean> {
  const next = await reader.peek(8);
  if (next.length === 0) return true;
  if (next.length < 8) return false;
  const rest = reader.sizeBytes === undefined ? Infinity : reader.sizeBytes - reader.position - 8;
  return (
    /^(data|LIST|id3 |ID3 |bext|cue |fact|JUNK)$/.test(next.toString('latin1', 0, 4)) &&
    next.readUInt32LE(4) <= rest
  );
}

function corrupt(reader: ByteReader, fault: string): WhospeaksError {
  return new WhospeaksError('audio-corrupt', `${reader.name} ${fault}; the wav file is damaged`);
}

function noData(reader: ByteReader, format: WavFormat | null): WhospeaksError {
  const where = format ? 'before its audio begins' : 'within its header';
  return new WhospeaksError('audio-truncated', `${reader.name} ends ${where}; the wav file is cut short`);
}
