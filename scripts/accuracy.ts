/**
 * How accurate, against what others do with the same embeddings:
 *
 *   npm run accuracy -- --audio DIR [--tune] [--report] [--model NAME] [--options JSON] [--only tracker] [--cache DIR]
 */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SpeakerModel } from 'whospeaks';
import { noiseOf, voicesOf, type Half } from './accuracy/cast.js';
import { conversations } from './accuracy/conversations.js';
import { Cache, frontEndFingerprint, rememberingModel } from './accuracy/embed.js';
import { amiRecordings, castOf, render, simulatedRecordings } from './accuracy/recordings.js';
import { diarization, namedShare, score } from './accuracy/score.js';
import { answersOf, tracker, tunedBaselines, tunedClustering } from './accuracy/systems.js';

void [amiRecordings, castOf, render, noiseOf, diarization, namedShare, tunedClustering];
const { values } = parseArgs({
  options: {
    audio: { type: 'string', default: '../shared/audio' },
    model: { type: 'string' },
    cache: { type: 'string', default: join(tmpdir(), 'whospeaks-accuracy') },
    options: { type: 'string', default: '{}' },
    tune: { type: 'boolean', default: false },
  },
});
const loaded = await SpeakerModel.fromPretrained(values.model);
const cache = new Cache(values.cache);
const half: Half = 'tune';
const probe = (await voicesOf(values.audio, half))[0]!.enrolment[0]!;
let t = performance.now();
const lap = (what: string): void => {
  console.log(what, ((performance.now() - t) / 1000).toFixed(1));
  t = performance.now();
};
const key = await frontEndFingerprint(loaded, probe);
const { model, save } = await rememberingModel(loaded, cache, key);
lap('probe');
const recordings = await simulatedRecordings(
  { half, audio: values.audio, cache, model, key },
  conversations(half),
  lap,
);
save();
lap('recordings');
const ours = score(answersOf(recordings, tracker(model, JSON.parse(values.options) as object)));
lap('tracker');
console.log(ours);
for (const b of await tunedBaselines(recordings, cache, key)) {
  console.log(b.letter, b.parameters, score(answersOf(recordings, b.system)));
  lap('baseline');
}
loaded.close();
