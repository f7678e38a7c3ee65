// Size of a snapshot of a live stream, and the time that it takes to write and to go on from: the example meeting over and
// over, two of its three speakers enrolled.
//   tsx measure/speed/snapshots.ts [--minutes 1,10,60] [--channels]
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { enroll, fromFile, identify, loadModel, readAll, type AudioSource } from 'whospeaks';
import { readSnapshot, writeSnapshot } from '../../src/snapshot/document.js';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '1,10,60' }, channels: { type: 'boolean', default: false } },
});
const wanted = values.minutes.split(',').map((minutes) => Number(minutes) * 60 * 16_000);
const audio = new URL('../../examples/audio/', import.meta.url).pathname;
const model = await loadModel();
const speakers = await Promise.all(
  ['alice', 'bob'].map((name) => enroll(model, { name, sources: [fromFile(`${audio}${name}.wav`)] })),
);
const meeting = await readAll(fromFile(`${audio}meeting.wav`));
const second = 16_000;

/** Up to the last snapshot; with channels, every other second on the other one. */
const source: AudioSource = {
  live: false,
  async *[Symbol.asyncIterator]() {
    const end = Math.max(...wanted) + second;
    for (let startSample = 0; startSample < end; startSample += second) {
      const at = startSample % (meeting.length - second);
      const samples = await Promise.resolve(meeting.slice(at, at + second));
      const silent = new Float32Array(second);
      const channels = at % (10 * second) < 5 * second ? [samples, silent] : [silent, samples];
      yield { startSample, samples, ...(values.channels && { channels }) };
    }
  },
};

console.log('| stream | bytes | written in, ms | read in, ms |\n|---|---|---|---|');
let due = [...wanted];
await new Promise<void>((resolve, reject) => {
  identify(source, {
    model,
    speakers,
    snapshots: {
      everySeconds: 60,
      onSnapshot: ({ sample, bytes }) => {
        if (due.length === 0 || sample < due[0]!) return;
        due = due.slice(1);
        const from = performance.now();
        const content = readSnapshot(bytes);
        const between = performance.now();
        writeSnapshot(content);
        const [readMs, writtenMs] = [between - from, performance.now() - between];
        const minutes = sample / second / 60;
        console.log(`| ${minutes} min | ${bytes.length} | ${writtenMs.toFixed(0)} | ${readMs.toFixed(0)} |`);
      },
    },
  }).subscribe({ error: reject, complete: resolve });
});
model.close();
