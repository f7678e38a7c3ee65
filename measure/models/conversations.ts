import type { SpeakerModel } from 'whospeaks';
import { conversations as specsOf } from '../accuracy/conversations.js';
import type { Cache } from '../accuracy/embed.js';
import { simulatedRecordings } from '../accuracy/recordings.js';
import { score } from '../accuracy/score.js';
import { answersOf, plainProfiles, tracker, tunedBaselines } from '../accuracy/systems.js';
import type { VoiceSet } from './voices.js';

/** What the tracker makes of simulated conversations. */
export interface ConversationFigures {
  readonly count: number;
  readonly errorRate: number;
  /** Of the baseline that does best on these conversations. */
  readonly bestErrorRate: number;
  /** Expected calibration error of the finals. */
  readonly calibrationError: number;
}

export interface ConversationOptions {
  readonly audio: string;
  readonly cache: Cache;
  readonly key: string;
  /** Every n-th of the thirty conversations of a half. */
  readonly every: number;
  readonly progress: (what: string) => void;
}

/** On conversations of one half; the baselines are tuned on those of the other. */
export async function conversations(
  model: SpeakerModel,
  { halves }: VoiceSet,
  { every, progress, ...studio }: ConversationOptions,
): Promise<ConversationFigures> {
  const recordings = (half: 'tune' | 'report') =>
    simulatedRecordings(
      { ...studio, model, half, voices: halves[half] },
      specsOf(half).filter((_, i) => i % every === 0),
      progress,
    );
  const [tuning, report] = [await recordings('tune'), await recordings('report')];
  const baselines = await tunedBaselines(tuning, studio.cache, studio.key, plainProfiles);
  const ours = score(answersOf(report, tracker(model)));
  const others = baselines.map(({ system, who }) => score(answersOf(report, system, who)).errorRate);
  return {
    count: report.length,
    errorRate: ours.errorRate,
    bestErrorRate: Math.min(...others),
    calibrationError: ours.calibration.rate,
  };
}
