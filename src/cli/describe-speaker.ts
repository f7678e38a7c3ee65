import type { EnrollmentReport, Profile } from '../speakers/index.js';

/** One line about a speaker. */
export function describeProfile({ name, speechSeconds, recordings, consistency, model }: Profile): string {
  return `${name}: ${describeSpeech(speechSeconds, recordings)}, consistency ${consistency.toFixed(2)}, model ${model.name}`;
}

export function describeSpeech(speechSeconds: number, recordings: number): string {
  return `${speechSeconds.toFixed(1)} s of speech from ${recordings === 1 ? '1 recording' : `${recordings} recordings`}`;
}

export function describeReport({
  signalToNoiseDb,
  clippedShare,
  secondVoiceShare,
  closest,
}: EnrollmentReport): string {
  const lines = [
    `  speech above noise: ${signalToNoiseDb === undefined ? 'unknown (no pause)' : `${signalToNoiseDb.toFixed(0)} dB`}`,
    `  clipped: ${(100 * clippedShare).toFixed(2)} %`,
    `  a second voice: ${secondVoiceShare === 0 ? 'none' : `${(100 * secondVoiceShare).toFixed(0)} % of the windows`}`,
    `  most alike: ${closest === undefined ? 'nobody stored' : `${closest.name}, cosine ${closest.cosine.toFixed(2)}`}`,
  ];
  return `${lines.join('\n')}\n`;
}
