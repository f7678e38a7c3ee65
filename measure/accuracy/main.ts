/**
 * How accurate, beside what others do with the same embeddings:
 *
 *   npm run accuracy -- [--audio DIR] [--tune | --report] [--only tracker] [--options JSON] [--model NAME]
 *                       [--cache DIR] [--docs FILE]
 *
 * DIR holds `librispeech/SPEAKER/*`, `speechocean/SPEAKER/*`, `noise/*` and `ami/*` (flac and rttm). Windows
 * are embedded once and kept in the cache folder, by the fingerprint of the weights and of the front end.
 *
 * --tune     on the half of the speakers that is there to tune on; nothing is written
 * --report   on the other half; nothing is written
 * neither    on the other half, and docs/accuracy.md is written anew with its plots
 * --only tracker   neither baselines nor the runs that vary an option: the quick look for tuning
 * --every N  only every N-th conversation: to see that all runs, not for figures
 * --options  options of the Tracker, as JSON: '{"latencySeconds":1}'
 * --recordings DIR   whole recordings, of any folder with RTTM files: see measure/diarization/main.ts
 * --models   what scores mean with models that came without a cohort: see measure/models/main.ts
 * --against FILE   two networks on the same conversations: see measure/models/against.ts
 * --ablate   what each mechanism of the tracker is worth: see ablate.ts
 * --voices DIR   voices that no setting was chosen with: see unseen.ts
 * --gate     whether the user speaks, by a deadline: see gate.ts
 * --words FILE   words under names: see measure/words/main.ts
 * --protocol NAME DIR   protocols that others have published: see measure/protocols/main.ts
 * --channels     a voice that leaks from one channel into another: see measure/channels/main.ts
 */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadModel } from 'whospeaks';
import type { Half } from './cast.js';
import { conversations, moreConversations, telephoneCalls, type ConversationSpec } from './conversations.js';
import { Cache } from './embed.js';
import { enrolledThere } from './enrolled-there.js';
import { measure } from './measure.js';
import { meetings } from './meetings.js';
import { writePage } from './page.js';
import { simulatedRecordings, studioKey, type Recording } from './recordings.js';
import { sections } from './report.js';
import { score } from './score.js';
import { segmentedRecordings } from './segmented.js';
import {
  answersOf,
  ourProfiles,
  plainProfiles,
  tracker,
  tunedBaselines,
  tunedClustering,
} from './systems.js';
import { SCORE_HEAD, scoreRow, table } from './table.js';

/** Measurements of their own, by the flag that asks for them. */
const OTHERS: Record<string, () => Promise<{ main: (args: readonly string[]) => Promise<void> }>> = {
  '--recordings': () => import('../diarization/main.js'),
  '--models': () => import('../models/main.js'),
  '--against': () => import('../models/against.js'),
  '--voices': () => import('./unseen.js'),
  '--ablate': () => import('./ablate.js'),
  '--words': () => import('../words/main.js'),
  '--gate': () => import('./gate.js'),
  '--protocol': () => import('../protocols/main.js'),
  '--channels': () => import('../channels/main.js'),
};
const flag = Object.keys(OTHERS).find((name) => process.argv.includes(name));
if (flag !== undefined) {
  const { main } = await OTHERS[flag]!();
  await main(process.argv.slice(2));
  process.exit();
}

const { values } = parseArgs({
  options: {
    audio: { type: 'string', default: '../shared/audio' },
    model: { type: 'string' },
    cache: { type: 'string', default: join(tmpdir(), 'whospeaks-accuracy') },
    options: { type: 'string', default: '{}' },
    tune: { type: 'boolean', default: false },
    report: { type: 'boolean', default: false },
    only: { type: 'string' },
    every: { type: 'string', default: '1' },
    docs: { type: 'string', default: 'docs/accuracy.md' },
  },
});
const { audio } = values;
const options = JSON.parse(values.options) as object;
const half: Half = values.tune ? 'tune' : 'report';
const began = performance.now();
const progress = (what: string): void => {
  process.stderr.write(`${((performance.now() - began) / 1000).toFixed(0).padStart(4)} s  ${what}\n`);
};

const model = await loadModel(values.model);
try {
  const cache = new Cache(values.cache);
  const key = await studioKey(model, audio);
  const studio = { half, audio, cache, model, key };
  const recordings = (
    of: Half,
    kind: (of: Half) => ConversationSpec[] = conversations,
  ): Promise<Recording[]> => {
    const all = kind(of);
    const specs = all.filter((_, i) => i % Number(values.every) === 0);
    return simulatedRecordings({ ...studio, half: of }, specs, (id) => {
      progress(`embedding ${id}`);
    });
  };
  const simulated = await recordings(half);
  if (values.only === 'tracker') {
    progress('tracker');
    const answers = answersOf(simulated, tracker(model, options));
    console.log(table(SCORE_HEAD, [scoreRow('whospeaks', score(answers), true)]));
  } else {
    progress('enrolling in the places of the conversations');
    const there = await enrolledThere(studio, simulated);
    const telephone = await recordings(half, telephoneCalls);
    const more = await recordings(half, moreConversations);
    const ami = half === 'report' ? await meetings(studio) : { returning: [], absent: [] };
    progress('hearing with the segmentation network');
    const segmented = {
      simulated: await segmentedRecordings(simulated, cache, key),
      ami: await segmentedRecordings(ami.returning, cache, key),
    };
    const tuning = half === 'tune' ? simulated : await recordings('tune');
    progress('tuning the baselines');
    const baselines = await tunedBaselines(tuning, cache, key, plainProfiles);
    const sameProfiles = await tunedBaselines(tuning, cache, key, ourProfiles);
    const clustering = await tunedClustering(tuning, cache, key);
    const figures = measure(
      {
        half,
        model,
        simulated,
        there,
        more,
        telephone,
        ami: ami.returning,
        amiAbsent: ami.absent,
        segmented,
        baselines,
        sameProfiles,
        clustering,
        options,
      },
      progress,
    );
    if (!values.tune && !values.report) writePage(values.docs, figures, model, simulated, baselines);
    for (const { title, text } of sections(figures)) console.log(`\n## ${title}\n\n${text}`);
    console.log('\nbaselines, tuned on the other half:');
    for (const { letter, parameters, tried } of [...baselines, clustering]) {
      console.log(`(${letter}) ${JSON.stringify(parameters)}, the best of ${tried}`);
    }
  }
  progress('done');
} finally {
  model.close();
}
