/**
 * Name who is speaking in a recording.
 *
 *   npx tsx examples/file.ts examples/audio/meeting.wav examples/audio/alice.wav examples/audio/bob.wav
 */
import { basename } from 'node:path';
import { enroll, fromFile, identify, SpeakerModel } from 'whospeaks';
import { SAMPLE_RATE_HZ } from 'whospeaks/stages';

const [recording = 'examples/audio/meeting.wav', ...voices] = process.argv.slice(2);
if (voices.length === 0) voices.push('examples/audio/alice.wav', 'examples/audio/bob.wav');

const model = await SpeakerModel.fromPretrained();
const speakers = [];
for (const voice of voices) {
  speakers.push(await enroll(model, { name: basename(voice, '.wav'), sources: [fromFile(voice)] }));
}

identify(fromFile(recording), { model, speakers }).subscribe({
  next: (event) => {
    if (event.type !== 'final') return;
    const [start, end] = [event.startSample, event.endSample].map((at) => (at / SAMPLE_RATE_HZ).toFixed(2));
    console.log(`${start} to ${end} s: ${event.speaker}`);
  },
  error: (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
  complete: () => {
    model.close();
  },
});
