// How long it takes until a file of ResNet34 can embed: read, checked, copied and packed.
//   tsx measure/speed/load.ts [--repeats N]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeSafetensors } from '../../src/model/index.js';
import { SpeakerModel } from '../../src/native/index.js';
import { randomModel, RESNET34 } from '../random-model.js';
import { record } from './results.js';
import { median, spread } from './statistics.js';

const { values } = parseArgs({ options: { repeats: { type: 'string', default: '7' } } });
const folder = mkdtempSync(join(tmpdir(), 'whospeaks-bench-'));
try {
  const file = join(folder, 'resnet34.safetensors');
  await writeSafetensors(randomModel(RESNET34), file);
  const times: number[] = [];
  // The first is a cold start, of code too.
  for (let i = 0; i < Number(values.repeats); i += 1) {
    const start = performance.now();
    const model = await SpeakerModel.fromPretrained(file, { engine: 'cpu' });
    times.push(performance.now() - start);
    model.close();
  }
  console.log(
    `ResNet34 from a file of 26 MB to an engine that can embed: ${times[0]!.toFixed(0)} ms the first time,`,
  );
  console.log(`${spread(times.slice(1))} ms after that (minimum / median / maximum).`);
  record('load', median(times));
} finally {
  rmSync(folder, { recursive: true });
}
