/**
 * Acceptance on real speech: prints every figure with its conditions.
 *
 *   npm run accept -- --audio DIR [--independent PYTHON] [--hours N]
 *                     [--only verification,conversation,overlap,microphone,endurance,noise]
 *
 * DIR holds `librispeech/SPEAKER/*.flac`, `speechocean/SPEAKER/*.flac` and `noise/*`; N are the hours of speech, and
 * of noise, that are listened to (3; 24 for a day). PYTHON is an interpreter with
 * torch, kaldi-native-fbank, soundfile and scikit-learn: with it, the verification figures are computed a
 * second time by that independent runtime and must agree to 0.1 points.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { conversation } from './conversation.js';
import { endurance } from './endurance.js';
import { microphone } from './microphone.js';
import { noise } from './noise.js';
import { overlap } from './overlap.js';
import { verification } from './verification.js';

const parts = { verification, conversation, overlap, microphone, endurance, noise };

const { values } = parseArgs({
  options: {
    audio: { type: 'string', default: '../shared/audio' },
    independent: { type: 'string' },
    only: { type: 'string', default: Object.keys(parts).join(',') },
    hours: { type: 'string', default: '3' },
  },
});

const scratch = mkdtempSync(join(tmpdir(), 'whospeaks-accept-'));
let faults = 0;
try {
  for (const [name, part] of Object.entries(parts)) {
    if (!values.only.split(',').includes(name)) continue;
    console.log(`\n## ${name}`);
    const fault = await part({
      audio: values.audio,
      independent: values.independent,
      hours: Number(values.hours),
      scratch,
    });
    if (fault === undefined) continue;
    faults++;
    console.log(`FAULT: ${fault}`);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
console.log(faults === 0 ? '\nacceptance: ok' : `\nacceptance: ${faults} part(s) at fault`);
process.exitCode = faults === 0 ? 0 : 1;
