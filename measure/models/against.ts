/**
 * Two networks on the same conversations, with the same tracker: does the candidate err less than the bundled one?
 *
 *   npm run accuracy -- --against FILE [--other FILE] [--audio DIR] [--dev DIR] [--every N] [--cache DIR] [--docs PAGE]
 *
 * Both are weights alone, measured at first use, so that neither is ahead by a cohort or a calibration of its own; `--other`
 * is by default the bundled network's. Voices as for `--models`, both halves; `--every N` takes every N-th conversation. In brackets:
 * what 95 of a hundred draws of as many conversations give, the same draws for both.
 */
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadModel } from 'whospeaks';
import { conversations as specsOf } from '../accuracy/conversations.js';
import { Cache } from '../accuracy/embed.js';
import { differenceInterval, errorInterval, talliesOf, type Interval } from '../accuracy/interval.js';
import { simulatedRecordings, studioKey, type Recording } from '../accuracy/recordings.js';
import { score, type Answer } from '../accuracy/score.js';
import { strangersNamed } from '../accuracy/strangers.js';
import { answersOf, tracker } from '../accuracy/systems.js';
import { hundredths, table } from '../accuracy/table.js';
import { writeFigures } from '../write-figures.js';
import { bundledAlone } from './networks.js';
import { voiceSets, type VoiceSet } from './voices.js';

const HALVES = ['tune', 'report'] as const;
/** Others who are enrolled where nobody who speaks is. */
const ENROLLED = 5;
const HEAD = [
  'voices: conversations',
  'network',
  'identification error, % [95 %]',
  'less the other',
  'wrong name',
  'known refused',
  'stranger named',
  `turns of strangers named, ${ENROLLED} others enrolled`,
];

/** What the tracker makes of one set of conversations with one network. */
interface Heard {
  readonly answers: readonly Answer[];
  readonly strangersTurns: number;
}

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      against: { type: 'string' },
      other: { type: 'string' },
      audio: { type: 'string', default: '../shared/audio' },
      dev: { type: 'string', default: '../shared/audio-dev' },
      every: { type: 'string', default: '1' },
      cache: { type: 'string', default: join(tmpdir(), 'whospeaks-accuracy') },
      docs: { type: 'string' },
    },
  });
  if (values.against === undefined) throw new Error('--against: expected a file or a folder of weights');
  const scratch = join(values.cache, 'models');
  mkdirSync(scratch, { recursive: true });
  const sets = await voiceSets(values.audio, values.dev, scratch);
  const hear = (path: string): Promise<Heard[]> =>
    heardWith(path, sets, { ...values, cache: new Cache(values.cache), every: Number(values.every) });
  const candidate = await hear(values.against);
  const other = await hear(values.other ?? (await bundledAlone(scratch)));
  const rows = sets.flatMap(({ name }, i) => [
    row(name, 'candidate', candidate[i]!, other[i]),
    row(name, values.other === undefined ? 'bundled' : 'other', other[i]!),
  ]);
  const text = table(HEAD, rows);
  console.log(text);
  if (values.docs !== undefined) writeFigures(values.docs, 'against', text);
}

interface Options {
  readonly audio: string;
  readonly cache: Cache;
  readonly every: number;
}

async function heardWith(
  path: string,
  sets: readonly VoiceSet[],
  { audio, cache, every }: Options,
): Promise<Heard[]> {
  const model = await loadModel(path);
  try {
    const key = await studioKey(model, audio);
    const out: Heard[] = [];
    for (const { name, halves } of sets) {
      const recordings: Recording[] = [];
      for (const half of HALVES) {
        const studio = { half, audio, cache, model, key, voices: halves[half] };
        const specs = specsOf(half).filter((_, i) => i % every === 0);
        recordings.push(
          ...(await simulatedRecordings(studio, specs, (id) => {
            process.stderr.write(`embedding ${name}, ${id}\n`);
          })),
        );
      }
      const system = tracker(model);
      out.push({
        answers: answersOf(recordings, system),
        strangersTurns: strangersNamed(recordings, ENROLLED, system).turns,
      });
    }
    return out;
  } finally {
    model.close();
  }
}

function row(set: string, network: string, { answers, strangersTurns }: Heard, other?: Heard): string[] {
  const tallies = talliesOf(answers);
  const { wrongName, knownRefused, unknownAccepted } = score(answers);
  const bracket = ({ rate, low, high }: Interval): string =>
    `${hundredths(rate)} [${hundredths(low)}, ${hundredths(high)}]`;
  return [
    `${set}: ${answers.length}`,
    network,
    bracket(errorInterval(tallies)),
    other === undefined ? '' : bracket(differenceInterval(tallies, talliesOf(other.answers))),
    ...[wrongName, knownRefused, unknownAccepted, strangersTurns].map(hundredths),
  ];
}
