import { clockText, talkTimeText } from '../../transcript/readable.js';
import { talkTime, type TalkTime } from '../../transcript/talk-time.js';
import type { Transcript } from '../../transcript/transcript.js';

/** One recording in a line: `meeting  40:12.0  alice 52 %, bob 30 %, unknown-1 18 %`. */
export function recordingLine({ recording, duration, segments }: Transcript): string {
  const told = talkTime(segments).map(({ speaker, share }) => `${speaker} ${Math.round(100 * share)} %`);
  return `${recording}  ${clockText(duration)}  ${told.join(', ') || 'no speech'}\n`;
}

/**
 * How long each enrolled speaker talks in all recordings together, and how long others do: who is `unknown-1` in one is
 * another in the next.
 */
export function totalText(transcripts: readonly Transcript[]): string {
  const times = new Map<string, number>();
  for (const { segments } of transcripts) {
    const known = new Set(segments.filter((segment) => segment.known).map(({ speaker }) => speaker));
    for (const { speaker, seconds } of talkTime(segments)) {
      const name = known.has(speaker) ? speaker : 'unknown';
      times.set(name, (times.get(name) ?? 0) + seconds);
    }
  }
  const all = [...times.values()].reduce((sum, seconds) => sum + seconds, 0);
  const total: TalkTime[] = [...times]
    .map(([speaker, seconds]) => ({ speaker, seconds, share: seconds / all }))
    .sort((a, b) => b.seconds - a.seconds);
  const sound = transcripts.reduce((sum, { duration }) => sum + duration, 0);
  return `${transcripts.length} recordings, ${clockText(sound)} of sound\n${talkTimeText(total)}`;
}
