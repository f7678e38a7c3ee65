import { describe, expect, it } from 'vitest';
import { recordingSources } from '../../../src/server/http/recordings.js';
import { wavFile } from '../../stream/wav-file.js';
import { signal } from '../../stream/signal.js';

describe('recordings that were sent', () => {
  it('end with server-draining where the service closes, in the middle of a piece', async () => {
    const closing = new AbortController();
    const bytes = wavFile({ rateHz: 16_000, channels: 1, encoding: 's16le', samples: signal(16_000, 5) });
    const [source] = recordingSources([bytes], 60, closing.signal);
    let heard = 0;
    const read = async (): Promise<void> => {
      for await (const { samples } of source!) {
        heard += samples.length;
        closing.abort();
      }
    };
    await expect(read()).rejects.toMatchObject({ code: 'server-draining' });
    expect(heard).toBeLessThanOrEqual(4000);
  });
});
