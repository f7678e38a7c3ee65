import { expect, it } from 'vitest';
import { identify, type IdentifyOptions } from '../../src/browser/identify.js';

it('refuses what is no source, no model, or no options, with a code', () => {
  const wrong = [undefined, null, 3, 'meeting.wav', {}] as never[];
  for (const value of wrong)
    for (const options of [undefined, null, {}, { model: {} }])
      expect(() => identify(value, options as unknown as IdentifyOptions)).toThrow(
        expect.objectContaining({ code: 'invalid-option' }),
      );
});
