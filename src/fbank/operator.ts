import { concat, concatMap, defer, map, type OperatorFunction } from 'rxjs';
import { z } from 'zod';
import { parseOptions } from '../options.js';
import { Checkpoint } from '../stateful.js';
import { InStep, ofChannel, PerChannel } from '../stream/chunk.js';
import type { FrameBlock } from '../stream/types.js';
import { LazyCrosstalkGate } from './crosstalk-gate.js';
import { FeatureExtractor, type FrontEnd } from './feature-extractor.js';
import type { FeatureBlock, FeatureWindow } from './types.js';
import { parseWindowOptions, Windower, type WindowOptions } from './windower.js';

const factory = z.custom<() => never>(
  (value) => typeof value === 'function',
  'expected a function, as nativeFrontEnd has it',
);
const frontEndSchema = z.strictObject({ makeLogMel: factory, makeGate: factory });

/**
 * Frames -> log-mel features with speech flags, as `FeatureExtractor`, one a channel: `features(nativeFrontEnd)`.
 * Throws `invalid-option` at once, not at subscription.
 */
export function features(
  frontEnd: FrontEnd,
  checkpoint = new Checkpoint(),
): OperatorFunction<FrameBlock, FeatureBlock> {
  parseOptions('features', frontEndSchema, frontEnd);
  return (source) =>
    defer(() => {
      const extractors = checkpoint.add('features', new PerChannel(() => new FeatureExtractor(frontEnd)));
      return source.pipe(
        map(({ channel, ...block }) => ofChannel(extractors.of(channel).push(block), channel)),
      );
    });
}

/**
 * Features of several channels -> the same, where a voice that leaks from one channel into another is speech on its own
 * channel alone: see `CrosstalkGate`. Features of one channel pass as they are.
 */
export function withoutCrosstalk(
  checkpoint = new Checkpoint(),
): OperatorFunction<FeatureBlock, FeatureBlock> {
  return (source) =>
    defer(() => {
      const gate = checkpoint.add('crosstalk', new LazyCrosstalkGate());
      let held: FeatureBlock[] = [];
      return source.pipe(
        concatMap((block) => {
          const { channel } = block;
          if (channel === undefined) return [block];
          held.push(block);
          if (channel.index < channel.count - 1) return [];
          const blocks = held;
          held = [];
          return gate.push(blocks);
        }),
      );
    });
}

/**
 * Features -> sliding windows, as `Windower`; the last window comes when the source completes. Of several channels the
 * windows of one time come together, in the order of the channels.
 * Throws `invalid-option` at once, not at subscription.
 */
export function windows(
  options?: WindowOptions,
  checkpoint = new Checkpoint(),
): OperatorFunction<FeatureBlock, FeatureWindow> {
  const checked = parseWindowOptions(options);
  return (source) =>
    defer(() => {
      const windowers = checkpoint.add('windows', new PerChannel(() => new Windower(checked)));
      const inStep = new InStep<FeatureWindow>();
      let last: FeatureBlock['channel'];
      checkpoint.add('channel', {
        save: () => last,
        load: (channel: typeof last) => {
          last = channel;
        },
      });
      const each = (): Iterable<FeatureBlock['channel']> =>
        last === undefined
          ? [undefined]
          : Array.from({ length: last.count }, (_, index) => ({ ...last!, index }));
      return concat(
        source.pipe(
          concatMap(({ channel, ...block }) => {
            last = channel;
            return inStep.push(windowers.of(channel).push(block), channel);
          }),
        ),
        defer(() => [...each()].flatMap((channel) => inStep.push(windowers.of(channel).flush(), channel))),
      );
    });
}
