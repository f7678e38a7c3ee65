/**
 * Who said what: the words of PocketSphinx, a small recogniser that brings its English model, under names.
 *
 *   pip install pocketsphinx
 *   npx tsx examples/words.ts examples/audio/meeting.wav examples/audio/alice.wav examples/audio/bob.wav
 */
import { execFileSync } from 'node:child_process';
import { basename, join } from 'node:path';
import {
  diarize,
  enroll,
  formatWords,
  fromFile,
  hearWords,
  nameWords,
  readTranscript,
  SpeakerModel,
} from 'whospeaks';

const [recording = 'examples/audio/meeting.wav', ...voices] = process.argv.slice(2);
if (voices.length === 0) voices.push('examples/audio/alice.wav', 'examples/audio/bob.wav');

const python = process.env['PYTHON'] ?? 'python3';
const transcript = execFileSync(python, [join('examples', 'pocketsphinx-words.py'), recording], {
  encoding: 'utf8',
});
const { words } = readTranscript(transcript);

const model = await SpeakerModel.fromPretrained();
const profiles = [];
for (const voice of voices) {
  profiles.push(await enroll(model, { name: basename(voice, '.wav'), sources: [fromFile(voice)] }));
}
const { segments, duration } = await diarize(model, fromFile(recording), { profiles });
const heard = await hearWords(model, fromFile(recording), words, segments);
const named = nameWords(words, segments, { voices: heard });
process.stdout.write(formatWords('txt', { recording: basename(recording, '.wav'), duration, words: named }));
model.close();
