/**
 * Memory, time, and the longest hold of the event loop by what follows the networks, for a recording of many hours:
 *
 *   tsx measure/diarization/memory.ts FILE [--hours 10]
 *
 * FILE goes through both networks once; what they heard of it is then repeated until it fills the hours.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { fromFile, SpeakerModel } from 'whospeaks';
import { Breather } from '../../src/clustering/breather.js';
import { clusterVoices } from '../../src/clustering/cluster-voices.js';
import { hearRecording } from '../../src/clustering/hear-recording.js';
import type { HeardWindow } from '../../src/clustering/recording-listener.js';
import { reconstruct } from '../../src/clustering/reconstruct.js';
import { DIARIZATION } from '../../src/clustering/settings.js';
import { SegmentationModel } from '../../src/native/segmentation-model.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { hours: { type: 'string', default: '10' } },
});
const peakMiB = (): string => `${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`;
const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`;

const model = await SpeakerModel.fromPretrained();
const segmenter = await SegmentationModel.bundled();
const embedder = await model.maskedEmbedder();
let since = performance.now();
const settings = DIARIZATION;
const heard = await hearRecording(fromFile(positionals[0]!), { embedder, segmenter }, { settings });
console.log(
  `heard ${(heard.samples / 16_000).toFixed(0)} s of sound in ${seconds(since)}; peak ${peakMiB()}`,
);
embedder.close();
segmenter.close();

const windows: HeardWindow[] = [];
const wanted = (Number(values.hours) * 3600 * 16_000) / 270 / settings.stepFrames;
while (windows.length < wanted) {
  const { activity, voices } = heard.windows[windows.length % heard.windows.length]!;
  // Each has memory of its own, as it would from the networks.
  const own = {
    ...activity,
    classes: activity.classes.slice(),
    probabilities: activity.probabilities.slice(),
  };
  const embedded = voices.map((voice) => ({ ...voice, embedding: voice.embedding.slice() }));
  windows.push({ startFrame: windows.length * settings.stepFrames, activity: own, voices: embedded });
}
const samples = (windows.at(-1)!.startFrame + 589) * 270;
const long = { windows, samples };
const stretches = windows.reduce((sum, { voices }) => sum + voices.length, 0);
console.log(`${values.hours} h: ${windows.length} windows, ${stretches} stretches; peak ${peakMiB()}`);
since = performance.now();
const delay = monitorEventLoopDelay({ resolution: 2 });
delay.enable();
const breather = new Breather();
const clustered = await clusterVoices(long, {
  model,
  profiles: [],
  least: 1,
  most: 1000,
  settings,
  breather,
});
const segments = await reconstruct(long, clustered, settings, breather);
delay.disable();
console.log(
  `${clustered.speakers.length} speakers, ${segments.length} segments in ${seconds(since)}; peak ${peakMiB()}; ` +
    `the event loop waited ${(delay.max / 1e6).toFixed(0)} ms at most`,
);
model.close();
