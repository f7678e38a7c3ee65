import type { Half } from './cast.js';

/** One simulated conversation. */
export interface ConversationSpec {
  readonly id: string;
  readonly seed: number;
  readonly enrolled: number;
  readonly strangers: number;
  readonly snrDb: number;
  readonly reverberant: boolean;
  readonly telephone: boolean;
}

export const SECONDS = 120;
/** Reverberation times of the simulated rooms, seconds. */
export const T60_SECONDS = [0.3, 0.75] as const;
export const SNRS_DB = [30, 20, 10] as const;
const FIRST_SEED: Record<Half, number> = { tune: 20_000, report: 10_000 };

/**
 * 30 conversations for each half: every number of enrolled speakers from 2 to 6 with every number of
 * strangers from 0 to 2, in a room and without one, the three noise levels spread evenly over them.
 */
export function conversations(half: Half): ConversationSpec[] {
  return Array.from({ length: 30 }, (_, i) => {
    const strangers = Math.floor(i / 5) % 3;
    const room = Math.floor(i / 15);
    return {
      id: `${half}-${String(i + 1).padStart(2, '0')}`,
      seed: FIRST_SEED[half] + i,
      enrolled: 2 + (i % 5),
      strangers,
      snrDb: SNRS_DB[(i + strangers + room) % 3]!,
      reverberant: room === 1,
      telephone: false,
    };
  });
}

const MORE_ROUNDS = 5;
/** Where their seeds begin, after those of the thirty. */
const MORE_SEEDS_AFTER = 6_000;

/** Five times thirty more, of the same kinds, with other seeds and so other people in each. */
export function moreConversations(half: Half): ConversationSpec[] {
  return Array.from({ length: MORE_ROUNDS }, (_, round) =>
    conversations(half).map((spec) => ({
      ...spec,
      id: `${spec.id}-${round + 2}`,
      seed: spec.seed + MORE_SEEDS_AFTER + 1_000 * round,
    })),
  ).flat();
}

/** Five more, through the telephone; told apart from the thirty. */
export function telephoneCalls(half: Half): ConversationSpec[] {
  return Array.from({ length: 5 }, (_, i) => ({
    id: `${half}-phone-${i + 1}`,
    seed: FIRST_SEED[half] + 500 + i,
    enrolled: 2 + i,
    strangers: i % 3,
    snrDb: 30,
    reverberant: false,
    telephone: true,
  }));
}
