import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { IdentifyEvent } from 'whospeaks';
import { wavBytes } from 'whospeaks/evaluate';
import { PulseServer } from '../../test/system/pulse.js';
import { castFrom } from './cast.js';
import type { AcceptPart } from './context.js';
import { listen } from './listen.js';
import { converse } from './speech.js';

const SECONDS = 60;
const OPEN_MS = 120_000;
/**
 * A real capture: `listen --mic` through PortAudio hears what `paplay` plays into a PulseAudio null sink,
 * and must print the names that `listen` prints of the file, in the same order.
 */
export const microphone: AcceptPart = async ({ audio, scratch }) => {
  const cast = castFrom(audio);
  const familiar = cast.utterances.filter(({ speaker }) => speaker.startsWith('l'));
  const { samples } = await converse(familiar, { seconds: SECONDS, seed: 4 });
  const path = join(scratch, 'microphone.wav');
  writeFileSync(path, wavBytes(samples));
  const enroll = cast.enroll.slice(0, 2 * new Set(familiar.map(({ speaker }) => speaker)).size);
  const fromFile = namesOf((await listen([path, ...enroll]).done).events);

  const pulse = await PulseServer.start();
  try {
    const env = { ...process.env, ...pulse.env };
    const listening = listen(['--mic', ...enroll], env);
    await Promise.race([
      captureOpen(env),
      listening.done.then(() => Promise.reject(new Error('listen --mic ended early'))),
    ]);
    await pulse.play(path);
    await sleep(2000);
    listening.interrupt();
    const fromMicrophone = namesOf((await listening.done).events);
    console.log(`${SECONDS} s played into the microphone`);
    console.log(`from the file:       ${fromFile.join(' ')}`);
    console.log(`from the microphone: ${fromMicrophone.join(' ')}`);
    const different = editDistance(fromFile, fromMicrophone);
    console.log(`${different} of ${fromFile.length} turns differ`);
    return different > 0 ? 'the microphone gave other names than the file' : undefined;
  } finally {
    await pulse.stop();
  }
};

/** Wait until a program records from the daemon of `env`. */
async function captureOpen(env: NodeJS.ProcessEnv): Promise<void> {
  const deadline = Date.now() + OPEN_MS;
  while (
    execFileSync('pactl', ['list', 'short', 'source-outputs'], { env, encoding: 'utf8' }).trim() === ''
  ) {
    if (Date.now() > deadline) throw new Error('listen --mic did not open the microphone');
    await sleep(200);
  }
}

/** Who spoke, turn after turn; two turns of one speaker in a row count once. */
function namesOf(events: readonly IdentifyEvent[]): string[] {
  const names = events.filter((event) => event.type === 'final').map(({ speaker }) => speaker);
  return names.filter((name, i) => name !== names[i - 1]);
}

/** Least number of turns to insert, leave out or rename that makes one list the other (Levenshtein). */
function editDistance(a: readonly string[], b: readonly string[]): number {
  let row = b.map((_, j) => j + 1);
  a.forEach((name, i) => {
    const next: number[] = [];
    b.forEach((other, j) => {
      const before = j === 0 ? i : row[j - 1]!;
      const left = j === 0 ? i + 1 : next[j - 1]!;
      next.push(Math.min(before + (name === other ? 0 : 1), row[j]! + 1, left + 1));
    });
    row = next;
  });
  return row.at(-1) ?? a.length;
}
