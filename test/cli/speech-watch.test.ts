import { expect, test } from 'vitest';
import { SpeechWatch } from '../../src/cli/speech-watch.js';
import { fromSamples, readAll } from '../../src/stream/index.js';
import { final } from './events.js';

const RAW = { encoding: 's16le', rate: 48_000, channels: 2 } as const;

async function reported(input: string | undefined, level: number, seconds: number, heard = false) {
  const watch = new SpeechWatch(input, RAW);
  const samples = Float32Array.from({ length: seconds * 16_000 }, (_, i) => level * Math.sin(i));
  expect(await readAll(watch.watch(fromSamples(samples)))).toHaveLength(samples.length);
  if (heard) watch.event(final(0, 'alice', 0, 1));
  watch.event({ type: 'end', endSample: samples.length });
  let text = '';
  watch.report((line) => (text += line));
  return text;
}

test.each([
  ['call.wav', 0, 12, /^warning: no speech in 12\.0 s of sound: it is silence; check the level/],
  ['call.wav', 0.0005, 12, /it is nearly silence \(at most -66 dB\); check the level/],
  [undefined, 0, 12, /it is silence; `whospeaks mic doctor` says/],
  ['call.wav', 0.5, 12, /it is loud enough \(up to -6 dB\) but not like a voice; is it noise or music\?\n$/],
  ['call.wav', 0.5, 0.3, /no speech in 0\.3 s of sound: it is too short\n$/],
  [
    '-',
    0.5,
    12,
    /if it is raw samples, they were read as s16le, 48000 Hz, 2 channels: are --encoding, --rate and --channels those of/,
  ],
])(
  '%s at level %s for %s s: the likeliest reason why nobody was heard',
  async (input, level, seconds, text) => {
    expect(await reported(input, level, seconds)).toMatch(text);
  },
);

test('where speech was heard, or no sound came at all, there is nothing to say', async () => {
  expect(await reported('call.wav', 0.5, 12, true)).toBe('');
  expect(await reported('call.wav', 0.5, 0)).toBe('');
});
