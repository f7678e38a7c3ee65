/**
 * Name who is speaking at the microphone, now. Ctrl-C ends it, with the turn in progress told.
 * Needs the optional dependency naudiodon.
 *
 *   npx tsx examples/microphone.ts examples/audio/alice.wav examples/audio/bob.wav
 */
import { basename } from 'node:path';
import { enroll, fromFile, fromMicrophone, identify, SpeakerModel, until } from 'whospeaks';

const model = await SpeakerModel.fromPretrained();
const speakers = [];
for (const voice of process.argv.slice(2)) {
  speakers.push(await enroll(model, { name: basename(voice, '.wav'), sources: [fromFile(voice)] }));
}

const stop = new AbortController();
process.once('SIGINT', () => {
  stop.abort();
});

console.log('listening');
identify(until(fromMicrophone(), stop.signal), { model, speakers }).subscribe({
  next: (event) => {
    if (event.type === 'tentative') console.log(`now: ${event.speaker} (${event.probability.toFixed(2)})`);
    if (event.type === 'silence') console.log('now: nobody');
    if (event.type === 'lag' || event.type === 'warning') console.warn(event);
  },
  error: (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
  complete: () => {
    model.close();
  },
});
