import { DEFAULT_CALIBRATION } from '../model/default-calibration.js';
import { profileAdvice } from './profile-advice.js';
import type { ModelIdentity, Profile } from './profile.js';
import { signalToNoiseDb, sureShare, type RecordingQuality } from './recording-quality.js';
import { secondVoiceShare } from './second-voice.js';
import { nameKey } from './speaker-name.js';
import { dot } from '../vectors.js';
import type { Voiced } from './voiced.js';

/** How good an enrolment is, and what would make it better. */
export interface EnrollmentReport {
  /** Net speech, seconds. */
  readonly speechSeconds: number;
  readonly recordings: number;
  /** Level of the speech above the noise between, dB; undefined where nobody paused. */
  readonly signalToNoiseDb?: number | undefined;
  /** Clipped samples, 0 to 1. */
  readonly clippedShare: number;
  /** Mean cosine of the windows with the middle of them. */
  readonly consistency: number;
  /** Share of the windows in which one other voice speaks, 0 to 1. */
  readonly secondVoiceShare: number;
  /** Estimated share of the speech in which two voices are heard at once, 0 to 1; absent where the model cannot tell. */
  readonly overlapShare?: number | undefined;
  /** The stored speaker who sounds most alike; `probability`: that both are one voice, as far as the calibration goes. */
  readonly closest?:
    { readonly name: string; readonly cosine: number; readonly probability: number } | undefined;
  /** What to do, a sentence each; empty where all is well. */
  readonly advice: readonly string[];
}

const GOOD_SIGNAL_TO_NOISE_DB = 12;
const MUCH_CLIPPING = 0.001;
/** Of what is said more is surely speech, a fifth in the worst recordings; of a saw or a motor that passes for it, nothing. */
const LEAST_SURE_SHARE = 0.1;
/** One voice in loud noise seldom comes to this much, in little noise never; with another voice 5 dB below it, it mostly does. */
const MUCH_OVERLAP = 0.15;

/** @param windows what the profile was made from. @param others profiles stored already. */
export function enrollmentReport(
  model: ModelIdentity,
  profile: Profile,
  windows: readonly Voiced[],
  qualities: readonly RecordingQuality[],
  others: readonly Profile[],
): EnrollmentReport {
  const signal = signalToNoiseDb(qualities);
  const clippedShare = Math.max(0, ...qualities.map((quality) => quality.clippedShare));
  const second = secondVoiceShare(
    windows.map(({ embedding }) => embedding),
    model.calibration ?? DEFAULT_CALIBRATION,
  );
  const overlap = overlapShare(windows);
  const advice: string[] = [];
  if ((sureShare(qualities) ?? 1) < LEAST_SURE_SHARE) {
    advice.push('hardly any of it is surely speech; is a voice heard in it?');
  }
  if (second > 0) {
    advice.push(
      `another voice speaks in ${(100 * second).toFixed(0)} % of the recording; enrol from a part with this speaker alone`,
    );
  }
  if (overlap !== undefined && overlap > MUCH_OVERLAP) {
    advice.push(
      `two voices are heard at once in about ${(100 * overlap).toFixed(0)} % of the speech; enrol from a part with this speaker alone, without a television`,
    );
  }
  if (signal !== undefined && signal < GOOD_SIGNAL_TO_NOISE_DB) {
    advice.push(
      `the speech is ${signal < 1 ? 'no louder than' : `only ${signal.toFixed(0)} dB above`} the noise; ` +
        'record nearer to the microphone or in a quieter place',
    );
  }
  if (clippedShare > MUCH_CLIPPING) {
    advice.push(`${(100 * clippedShare).toFixed(1)} % of the samples are clipped; record at a lower level`);
  }
  advice.push(...profileAdvice(model, profile, others));
  return {
    speechSeconds: profile.speechSeconds,
    recordings: profile.recordings,
    signalToNoiseDb: signal,
    clippedShare,
    consistency: profile.consistency,
    secondVoiceShare: second,
    overlapShare: overlap,
    closest: closestOf(model, profile, others),
    advice,
  };
}

/** Mean over the windows that say. */
function overlapShare(windows: readonly Voiced[]): number | undefined {
  const shares = windows.flatMap(({ overlap }) => overlap ?? []);
  return shares.length === 0 ? undefined : shares.reduce((sum, share) => sum + share, 0) / shares.length;
}

function closestOf(
  { calibration }: ModelIdentity,
  profile: Profile,
  others: readonly Profile[],
): EnrollmentReport['closest'] {
  let closest: { name: string; cosine: number } | undefined;
  for (const { name, model, centroid } of others) {
    if (model.fingerprint !== profile.model.fingerprint || nameKey(name) === nameKey(profile.name)) continue;
    const cosine = dot(centroid, profile.centroid);
    if (closest === undefined || cosine > closest.cosine) closest = { name, cosine };
  }
  if (closest === undefined) return undefined;
  const { scale, offset } = calibration ?? DEFAULT_CALIBRATION;
  return { ...closest, probability: 1 / (1 + Math.exp(-(scale * closest.cosine + offset))) };
}
