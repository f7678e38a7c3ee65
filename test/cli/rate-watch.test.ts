import { describe, expect, it } from 'vitest';
import { readAll, fromSamples } from '../../src/stream/index.js';
import { whospeaks } from '../helpers.js';
import { exampleStore } from '../example-voices.js';
import { readExample } from '../fbank/read-example.js';
import { pcmBytes } from '../stream/wav-file.js';

/** Alice, then Bob. */
const clip = readExample('examples/audio/meeting.wav').subarray(0, 16 * 16_000);

/** What `listen -` says on stderr of 16 kHz samples that it takes for others. */
async function told(samples: Float32Array, enrolled: string[], ...args: string[]): Promise<string> {
  const { code, stderr } = await whospeaks(
    ['listen', '-', '--store', await exampleStore(undefined, enrolled), ...args],
    { stdin: pcmBytes('s16le', samples) },
  );
  expect(code).toBe(0);
  return stderr;
}

describe('raw samples that are read at a wrong rate', () => {
  it('are told of where an enrolled speaker is heard at another one', async () => {
    const slow = await told(clip, ['alice'], '--rate', '8000');
    expect(slow).toMatch(
      /^warning: nobody was named, but at 16000 Hz this sounds like "alice"; .* were read as s16le, 8000 Hz, 1 channel: /,
    );
    const fast = await readAll(fromSamples(clip, 32_000));
    expect(await told(fast, ['bob'])).toMatch(/^warning: nobody was named, but at 8000 Hz .*"bob"/);
  });

  it('are not where the rate is right, whoever speaks', async () => {
    expect(await told(clip, ['alice', 'bob'])).toBe('');
    expect(await told(readExample('examples/audio/alice.wav'), ['bob'], '--rate', '16000')).toBe('');
  });
});
