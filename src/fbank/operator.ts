import { concat, concatMap, defer, map, type OperatorFunction } from 'rxjs';
import type { FrameBlock } from '../stream/types.js';
import { FeatureExtractor, type FrontEnd } from './feature-extractor.js';
import type { FeatureBlock, FeatureWindow } from './types.js';
import { parseWindowOptions, Windower, type WindowOptions } from './windower.js';

/** Frames -> log-mel features with speech flags, as `FeatureExtractor`. */
export function features(frontEnd?: FrontEnd): OperatorFunction<FrameBlock, FeatureBlock> {
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
