// What the adaptive step saves and what it costs: windows embedded, and the identification error of conversations
// joined from real speech, with the bundled model.
//   tsx measure/speed/adaptive-step.ts [--audio ../shared/audio] [--seconds 240]
import { parseArgs } from 'node:util';
import { enroll, fromFile, fromSamples, identify, SpeakerModel, type IdentifyEvent } from 'whospeaks';
import { SAMPLE_RATE_HZ } from 'whospeaks/stages';
import { identificationError, labelDelay } from 'whospeaks/evaluate';
import { lastValueFrom, toArray } from 'rxjs';
import { castFrom } from '../acceptance/cast.js';
import { turnsOf } from '../acceptance/conversation.js';
import { converse } from '../acceptance/speech.js';

const { values } = parseArgs({
  options: {
    audio: { type: 'string', default: '../shared/audio' },
    seconds: { type: 'string', default: '240' },
  },
});
const SEEDS = [1, 2];
const STEPS = [undefined, 1000, 1500];

const model = await SpeakerModel.fromPretrained();
const cast = castFrom(values.audio);
const speakers = [];
for (const option of cast.enroll.filter((text) => text !== '--enroll')) {
  const [name, files] = option.split('=') as [string, string];
  speakers.push(await enroll(model, { name, sources: files.split(',').map((file) => fromFile(file)) }));
}
const talks = await Promise.all(
  SEEDS.map((seed) =>
    converse([...cast.utterances, ...cast.strangers], { seconds: Number(values.seconds), seed }),
  ),
);
/** Counts what goes to the network. */
let embedded = 0;
const counting = Object.assign(Object.create(model) as SpeakerModel, {
  embedWindow: (window: Parameters<SpeakerModel['embedWindow']>[0]) => {
    embedded += 1;
    return model.embedWindow(window);
  },
});

console.log(
  '| step | windows embedded, of one every 0.5 s | identification error | wrong name | delay to the right name, p50 |',
);
console.log('|---|---|---|---|---|');
for (const maxStepMs of STEPS) {
  embedded = 0;
  let wrong = 0;
  let errors = 0;
  let speech = 0;
  let samples = 0;
  const delays: number[] = [];
  for (const talk of talks) {
    const events: IdentifyEvent[] = await lastValueFrom(
      identify(fromSamples(talk.samples, SAMPLE_RATE_HZ), {
        model: counting,
        speakers,
        ...(maxStepMs === undefined ? {} : { maxStepMs }),
      }).pipe(toArray()),
    );
    const error = identificationError(talk.turns, turnsOf(events), { enrolled: cast.names });
    errors += error.rate * error.speechSeconds;
    wrong += error.wrongNameSeconds;
    speech += error.speechSeconds;
    samples += talk.samples.length;
    delays.push(labelDelay(talk.turns, events, cast.names).p50Seconds);
  }
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const row = [
    maxStepMs === undefined ? '0.5 s, speech only' : `0.5 to ${maxStepMs / 1000} s`,
    percent(embedded / (samples / SAMPLE_RATE_HZ / 0.5)),
    percent(errors / speech),
    percent(wrong / speech),
    delays.map((delay) => `${delay.toFixed(2)} s`).join(', '),
  ];
  console.log(`| ${row.join(' | ')} |`);
}
model.close();
