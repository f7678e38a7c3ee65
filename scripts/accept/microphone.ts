import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { IdentifyEvent } from 'whospeaks';
import { PulseServer } from '../../test/system/pulse.js';
import { castFrom } from './cast.js';
import type { AcceptPart } from './context.js';
import { listen } from './listen.js';
import { converse, writeWav } from './speech.js';

const SECONDS = 60;
const OPEN_MS = 120_000;

/**
 * A real capture: `listen --mic` through PortAudio hears what `paplay` plays into a PulseAudio null sink,
 * and must print the same names, in the same order, as `listen` on the file.
 */
export const microphone: AcceptPart = async ({ audio, scratch }) => {
  const cast = castFrom(audio);
  const familiar = cast.utterances.filter(({ speaker }) => speaker.startsWith('l'));
  const { samples } = await converse(familiar, { seconds: SECONDS, seed: 4 });
  const path = join(scratch, 'microphone.wav');
  writeWav(path, samples);
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
    return fromFile.join() === fromMicrophone.join()
      ? undefined
      : 'the microphone gave other names than the file';
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
  const names = events.filter((event) => event.type === 'segment').map(({ speaker }) => speaker);
  return names.filter((name, i) => name !== names[i - 1]);
}
