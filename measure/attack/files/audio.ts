import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fromFile } from '../../../src/index.js';
import { SAMPLE_RATE_HZ } from '../../../src/stages.js';
import { flacBomb, flacFile } from '../../../test/stream/flac-file.js';
import { interleaved, signal } from '../../../test/stream/signal.js';
import { wavFile } from '../../../test/stream/wav-file.js';
import { ebmlSeed, flacSeed, mp4Seed, mpegSeed, oggSeed, wavSeed } from './audio-fields.js';
import { mutant, type Seed } from './binary.js';
import type { Format } from './format.js';

/** As the server: of a longer recording no more is read. */
const MOST_SAMPLES = 600 * SAMPLE_RATE_HZ;
const FIXTURES = new URL('../../../test/stream/fixtures/', import.meta.url);

/** Each by content, so that a mutant which turns into another format is read as that. */
export const AUDIO: Readonly<Record<string, () => Format>> = {
  wav: () =>
    audio([
      ...(['s16le', 'f32le', 'u8'] as const).map((encoding) =>
        wavSeed(wavFile({ rateHz: 16_000, channels: 2, encoding, samples: interleaved(16_000, 2, 0.3) })),
      ),
      ...seeds(wavSeed, 'piped.wav', 'extensible-24.wav'),
    ]),
  'wav adpcm': () => audio(seeds(wavSeed, 'adpcm.wav', 'adpcm-ima.wav', 'adpcm-ms.wav')),
  flac: () =>
    audio([
      ...seeds(flacSeed, 'mono-16000.flac', 'stereo-44100.flac'),
      flacSeed(flacFile(Int16Array.from(signal(16_000, 0.2), (x) => x * 20_000))),
      flacSeed(flacBomb(2)),
    ]),
  mp3: () => audio(seeds(mpegSeed, 'mono-16000-no-tag.mp3', 'stereo-44100.mp3')),
  'ogg opus': () => audio(seeds(oggSeed, 'stereo-48000.opus')),
  'ogg vorbis': () => audio(seeds(oggSeed, 'stereo-48000.ogg')),
  'ogg flac': () => audio(seeds(oggSeed, 'flac-in.ogg')),
  m4a: () => audio(seeds(mp4Seed, 'stereo-44100.m4a', 'faststart.m4a', 'quicktime.mov')),
  'm4a in parts': () =>
    audio(seeds(mp4Seed, 'late.m4a', 'gap.m4a', 'fragments.m4a', 'fragments-gap.m4a', 'fragments-late.m4a')),
  'mp4 opus': () => audio(seeds(mp4Seed, 'opus.mp4')),
  'm4a alac': () => audio(seeds(mp4Seed, 'alac.m4a')),
  'webm opus': () => audio(seeds(ebmlSeed, 'opus.webm', 'live.webm', 'gap.webm')),
  'webm vorbis': () => audio(seeds(ebmlSeed, 'vorbis.webm', 'vorbis.mkv')),
  'mkv aac': () => audio(seeds(ebmlSeed, 'aac.mkv', 'late.mkv')),
  'adts aac': () => audio(seeds(mpegSeed, 'mono-16000.aac')),
};

function seeds(analyse: (bytes: Buffer) => Seed, ...names: readonly string[]): Seed[] {
  return names.map((name) => analyse(readFileSync(fileURLToPath(new URL(name, FIXTURES)))));
}

function audio(valid: readonly Seed[]): Format {
  return {
    file: 'recording',
    valid: valid.map(({ bytes }) => bytes),
    mutant: (mutator) => mutant(mutator, valid),
    read: async (path, alive) => {
      let samples = 0;
      for await (const chunk of fromFile(path)) {
        samples += chunk.samples.length;
        alive();
        if (samples > MOST_SAMPLES) return 'longer than asked for';
      }
      return 'read';
    },
  };
}
