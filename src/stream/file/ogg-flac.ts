import { SAMPLE_RATE_HZ } from '../types.js';
import type { ByteReader } from './byte-reader.js';
import { decodeCompressed, NEXT_STREAM } from './compressed.js';
import { wholeFlacFrame, type FlacInfo } from './flac-frame.js';
import type { FlacFaults, FlacFrame } from './flac-frames.js';
import { flacDecoder, flacInfo, flacSteps, flacVerdict } from './flac.js';
import type { FileDecoder } from './format.js';
import { oggPackets } from './ogg-packets.js';
import { firstAudioPage, serialOf } from './ogg-heads.js';
import { OggPages } from './ogg-pages.js';
import { durationOf, logicalStreams } from './ogg.js';

/** In the first packet, before STREAMINFO: a signature, a version, a count, `fLaC` and the head of its block. */
const INFO_OFFSET = 17;

/** FLAC in Ogg (RFC 9639, 10.1): each packet after the metadata is a frame. */
export const decodeOggFlac: FileDecoder = async function* (reader, facts) {
  const page = firstAudioPage(await reader.peek(65_536));
  const pages = new OggPages(reader);
  const faults: FlacFaults = { damaged: 0, cutShort: false };
  let info: FlacInfo | null = null;

  async function* frames(): AsyncGenerator<FlacFrame | typeof NEXT_STREAM, void, undefined> {
    let isFirst = true;
    for await (const packet of oggPackets(logicalStreams(pages))) {
      if (packet === NEXT_STREAM) {
        yield packet;
        isFirst = true;
      } else if (isFirst) {
        info = flacInfo(reader, packet.subarray(INFO_OFFSET));
        facts.durationSamples ??= await lengthOf(reader, page === null ? 0 : serialOf(page), info);
        isFirst = false;
      } else if (packet[0] === 0xff) {
        const header = wholeFlacFrame(packet);
        if (header !== null) yield { bytes: packet, header };
        else faults.damaged += 1;
      }
    }
  }

  yield* decodeCompressed(reader, {
    format: 'ogg flac',
    makeDecoder: () => flacDecoder(() => info!),
    pieces: flacSteps(reader, frames(), () => info!, faults),
    verdict: (decoded) => {
      faults.damaged += pages.damaged;
      faults.cutShort = pages.cutShort;
      return flacVerdict(faults, 0)(decoded);
    },
  });
};

async function lengthOf(reader: ByteReader, serial: number, info: FlacInfo): Promise<number | undefined> {
  const { rateHz, totalSamples } = info;
  if (totalSamples > 0) return Math.round((totalSamples * SAMPLE_RATE_HZ) / rateHz);
  return durationOf(reader, serial, rateHz, 0);
}
