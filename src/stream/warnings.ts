import { concatMap, defer, of, EMPTY, type OperatorFunction } from 'rxjs';
import { Checkpoint } from '../stateful.js';
import type { AudioChunk } from './types.js';
import { ZeroWatch } from './zero-watch.js';

/** A live source that gives only zeros; one of the events that `identify` tells. */
export interface ZeroInputWarning {
  readonly type: 'warning';
  readonly code: 'input-all-zero';
  /** Where the zeros began. */
  readonly startSample: number;
  readonly message: string;
}

const MESSAGE =
  'the input gives nothing but zeros: it is muted, it is the wrong device, or this program may not use the microphone; ' +
  '`whospeaks mic doctor` says what to do';

/** Audio of a live source to warnings about it; see `ZeroWatch`. */
export function warnings(checkpoint = new Checkpoint()): OperatorFunction<AudioChunk, ZeroInputWarning> {
  return (audio) =>
    defer(() => {
      const watch = checkpoint.add('zeros', new ZeroWatch());
      return audio.pipe(
        concatMap((chunk) => {
          const startSample = watch.push(chunk);
          if (startSample === null) return EMPTY;
          return of({ type: 'warning', code: 'input-all-zero', startSample, message: MESSAGE } as const);
        }),
      );
    });
}
