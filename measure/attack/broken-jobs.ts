import { WhospeaksError } from '../../src/errors.js';

/** What must be seen of each job. */
export const BROKEN = {
  'a code': 'fine',
  'no code': 'fault',
  rejection: 'fault',
  exception: 'fault',
  'busy for ever': 'hang',
  'waits for ever': 'hang',
  '600 MiB': 'memory',
  'more and more': 'memory',
  abort: 'crash',
} as const;

export type BrokenJob = keyof typeof BROKEN;

const MIB = 1024 * 1024;
const held: Buffer[] = [];

export const JOBS: Record<BrokenJob, () => Promise<string> | string> = {
  'a code': () => {
    throw new WhospeaksError('audio-corrupt', 'as it should be');
  },
  'no code': () => {
    throw new RangeError('as it should not be');
  },
  rejection: () => {
    void Promise.reject(new Error('nobody listens'));
    return 'done';
  },
  exception: async () => {
    setImmediate(() => {
      throw new Error('nobody catches');
    });
    await new Promise((resolve) => setTimeout(resolve, 10));
    return 'done';
  },
  'busy for ever': () => {
    for (;;);
  },
  'waits for ever': () => new Promise(() => undefined),
  '600 MiB': () => {
    held.push(Buffer.alloc(600 * MIB, 1));
    return 'done';
  },
  'more and more': () => {
    for (;;) held.push(Buffer.alloc(16 * MIB, 1));
  },
  abort: () => process.abort(),
};
