/**
 * Let ffmpeg decode anything it can (a video, a stream, an odd codec) and name who is speaking in it.
 *
 *   npx tsx examples/ffmpeg-pipe.ts meeting.mp4 examples/audio/alice.wav examples/audio/bob.wav
 */
import { spawn } from 'node:child_process';
import { basename } from 'node:path';
import { enroll, fromFile, fromReadable, identify, SpeakerModel } from 'whospeaks';
import { SAMPLE_RATE_HZ } from 'whospeaks/stages';

const [input = 'examples/audio/meeting.wav', ...voices] = process.argv.slice(2);

const model = await SpeakerModel.fromPretrained();
const speakers = [];
for (const voice of voices) {
  speakers.push(await enroll(model, { name: basename(voice, '.wav'), sources: [fromFile(voice)] }));
}

const ffmpeg = spawn('ffmpeg', ['-v', 'error', '-i', input, '-f', 's16le', '-ac', '2', '-ar', '48000', '-'], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const sound = fromReadable(ffmpeg.stdout, { encoding: 's16le', sampleRateHz: 48_000, channels: 2 });

identify(sound, { model, speakers }).subscribe({
  next: (event) => {
    if (event.type === 'final')
      console.log(`${(event.startSample / SAMPLE_RATE_HZ).toFixed(1)} s: ${event.speaker}`);
  },
  error: (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
  complete: () => {
    model.close();
  },
});
