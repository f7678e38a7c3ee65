import { fromSamples } from 'whospeaks';
import { simulate } from 'whospeaks/evaluate';
import { noiseOf, utterancesOf, voicesOf, type Voice } from './cast.js';
import type { ConversationSpec } from './conversations.js';
import { codeFingerprint } from './embed.js';
import {
  castOf,
  ENROLMENT_CODE,
  enrolledFrom,
  enrolling,
  hearAll,
  placeOf,
  type Enrolled,
  type Recording,
  type Studio,
} from './recordings.js';

/** Longer than what a voice is enrolled from. */
const MOST_SECONDS = 60;

/** The same conversations, with everybody enrolled in their room, over their noise, from the same utterances. */
export async function enrolledThere(
  { half, audio, cache, model, key }: Studio,
  recordings: readonly Recording[],
): Promise<Recording[]> {
  const voices = voicesOf(audio, half);
  const code = codeFingerprint([...ENROLMENT_CODE, 'src/acoustics', 'src/evaluate/simulate']);
  let noise: Float32Array[] | undefined;
  const heardThere = async (voice: Voice, spec: ConversationSpec) => {
    const there = { seconds: MOST_SECONDS, ...placeOf(spec) };
    return cache.get([key, code, there, voice.enrolment], async () => {
      noise ??= await noiseOf(audio, half);
      const utterances = await utterancesOf({ ...voice, utterances: voice.enrolment });
      const { samples } = simulate({ utterances, noise, ...there });
      return hearAll(model, [fromSamples(samples)]);
    });
  };
  const moved: Recording[] = [];
  for (const recording of recordings) {
    const { spec } = recording;
    if (spec === null) continue;
    const enrolled: Enrolled[] = [];
    for (const voice of castOf(spec, voices).enrolled) {
      enrolled.push(enrolledFrom(model, voice.name, await heardThere(voice, spec)));
    }
    moved.push({ ...recording, ...enrolling(enrolled) });
  }
  return moved;
}
