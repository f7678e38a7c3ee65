/**
 * Enrol a speaker once, keep the profile on disk, and use it later.
 *
 *   npx tsx examples/enrol-and-save.ts ./speakers alice examples/audio/alice.wav
 */
import { enroll, fromFile, isWhospeaksError, ProfileStore, SpeakerModel } from 'whospeaks';

const [folder = './speakers', name = 'alice', ...recordings] = process.argv.slice(2);
if (recordings.length === 0) recordings.push('examples/audio/alice.wav');

const model = await SpeakerModel.fromPretrained();
const store = new ProfileStore({ folder });
try {
  const profile = await enroll(model, { name, sources: recordings.map((file) => fromFile(file)) });
  await store.add(profile);
  console.log(`saved ${profile.name}: ${profile.speechSeconds.toFixed(1)} s of speech`);
} catch (error) {
  // Every expected failure has a code: here too little speech, or a name that is taken.
  if (!isWhospeaksError(error)) throw error;
  console.error(`${error.code}: ${error.message}`);
  process.exitCode = 1;
} finally {
  model.close();
}

const { profiles } = await store.list();
console.log(`the store knows: ${profiles.map((profile) => profile.name).join(', ')}`);
