/**
 * Compares the log-mel features of every FLAC file of a folder with kaldi-native-fbank's and with exact ones.
 * usage: npx tsx measure/speed/fbank.ts --audio DIR     (needs the venv of the parity tests)
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { NativeLogMel } from '../../src/native/index.js';
import { Framer, fromFile, readAll } from '../../src/stream/index.js';
import { referenceFeatures } from '../../test/parity/fbank-reference.js';

const { values } = parseArgs({ options: { audio: { type: 'string', default: '../shared/audio' } } });
const files = readdirSync(values.audio, { recursive: true, encoding: 'utf8' }).filter((f) =>
  f.endsWith('.flac'),
);
const signals: Float32Array[] = [];
for (const file of files) signals.push(await readAll(fromFile(join(values.audio, file))));
const logMel = new NativeLogMel();
const ours = signals.map((samples) => logMel.compute(new Framer().push({ startSample: 0, samples })!));

function compare(name: string, a: readonly Float32Array[], b: readonly Float32Array[]): void {
  let worst = 0;
  let over = 0;
  let all = 0;
  a.forEach((features, s) => {
    features.forEach((value, i) => {
      const difference = Math.abs(value - b[s]![i]!);
      worst = Math.max(worst, difference);
      if (difference > 1e-3) over++;
    });
    all += features.length;
  });
  console.log(`${name}: maximum difference ${worst.toExponential(2)}, over 1e-3: ${over} of ${all} values`);
}

const kaldi = referenceFeatures('kaldi', signals);
const exact = referenceFeatures('exact', signals);
compare('whospeaks - kaldi-native-fbank', ours, kaldi);
compare('whospeaks - exact spectrum', ours, exact);
compare('kaldi-native-fbank - exact spectrum', kaldi, exact);
