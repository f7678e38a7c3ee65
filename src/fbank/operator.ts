import { concat, concatMap, defer, map, type OperatorFunction } from 'rxjs';
import { z } from 'zod';
import { parseOptions } from '../options.js';
import type { FrameBlock } from '../stream/types.js';
import { FeatureExtractor, type FrontEnd } from './feature-extractor.js';
import type { FeatureBlock, FeatureWindow } from './types.js';
import { parseWindowOptions, Windower, type WindowOptions } from './windower.js';

const factory = z.custom<() => never>(
  (value) => typeof value === 'function',
  'expected a function, as nativeFrontEnd has it',
);
const frontEndSchema = z.strictObject({ makeLogMel: factory, makeGate: factory });

/**
 * Frames -> log-mel features with speech flags, as `FeatureExtractor`: `features(nativeFrontEnd)`.
 * Throws `invalid-option` at once, not at subscription.
 */
export function features(frontEnd: FrontEnd): OperatorFunction<FrameBlock, FeatureBlock> {
  parseOptions('features', frontEndSchema, frontEnd);
  return (source) =>
    defer(() => {
      const extractor = new FeatureExtractor(frontEnd);
      return source.pipe(map((block) => extractor.push(block)));
    });
}

/**
 * Features -> sliding windows, as `Windower`; the last window comes when the source completes.
 * Throws `invalid-option` at once, not at subscription.
 */
export function windows(options?: WindowOptions): OperatorFunction<FeatureBlock, FeatureWindow> {
  const checked = parseWindowOptions(options);
  return (source) =>
    defer(() => {
      const windower = new Windower(checked);
      return concat(
        source.pipe(concatMap((block) => windower.push(block))),
        defer(() => windower.flush()),
      );
    });
}
