/**
 * Acceptance on real speech: prints every figure with its conditions.
 *
 *   npm run accept -- --audio DIR [--independent PYTHON] [--only verification,conversation,microphone,endurance]
 *
 * DIR holds `librispeech/SPEAKER/*.flac` and `speechocean/SPEAKER/*.flac`. PYTHON is an interpreter with
 * torch, kaldi-native-fbank, soundfile and scikit-learn: with it, the verification figures are computed a
 * second time by that independent runtime and must agree to 0.1 points.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { conversation } from './accept/conversation.js';
import { endurance } from './accept/endurance.js';
import { microphone } from './accept/microphone.js';
import { verification } from './accept/verification.js';

const parts = { verification, conversation, microphone, endurance };

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
