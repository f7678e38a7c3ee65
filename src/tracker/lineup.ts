import type { Cohort } from '../scoring/cohort.js';
import type { VoiceScorer } from '../turns/voice-scorer.js';
import type { AssignedTurns } from '../turns/assigned-turns.js';
import type { GrowingProfiles } from '../speakers/growing-profiles.js';
import type { Lessons } from '../speakers/lessons.js';
import type { Judge } from './judge.js';
import type { Memory } from './memory.js';
import type { NewVoices } from './new-voices.js';
import type { Roster } from './roster.js';

/**
 * Who may speak on a stream, whichever of its channels it is, and what is known of them. A voice is one speaker on all channels,
 * and has one label.
 */
export interface Lineup {
  readonly roster: Roster;
  readonly judge: Judge;
  readonly memory: Memory;
  readonly lessons: Lessons;
  readonly growing: GrowingProfiles;
  readonly assigned: AssignedTurns;
  readonly newVoices: NewVoices;
  readonly cohort: Cohort | null;
  /** Of single windows. */
  readonly windowScorer: VoiceScorer;
}
