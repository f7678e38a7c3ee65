import { writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { EnrollModel } from 'whospeaks';
import { SECONDS, SNRS_DB, T60_SECONDS } from './conversations.js';
import type { Figures } from './measure.js';
import { writePlots } from './plots.js';
import type { Recording } from './recordings.js';
import { INTERVALS, OTHERS, sections } from './report.js';
import type { TunedBaseline } from './systems.js';

/** What stands above a section's table. */
const NOTES: Record<string, string> = {
  Goals: `Set before the first measurement, except the second and the fourth row, which were added. In the last three
rows all speakers are strangers: each conversation again, with as many other speakers enrolled.`,
  'Thirty conversations': `Errors are percent of the speech time, here and below; any \`unknown\` label is right for a stranger.
*Corrected*: with the labels of \`correction\` events. A delay is the time from a change of speaker to the first
event with the right name. A false alarm is a label outside the reference's speech, mostly in pauses. ECE is
the expected calibration error of the stated probability.`,
  [INTERVALS]: `Identification error, with 95 % intervals (percentile bootstrap over conversations). The 150 more
conversations have the same voices; the tracker's settings were chosen with some of them and of the thirty in
view. *After strangers* means 20 to 30 minutes of them in the same stream.`,
  [OTHERS]: `The thirty conversations with all speakers enrolled in the same room and noise; five through a telephone (300
to 3400 Hz, 8 kHz, mu-law), enrolled wide-band; and five AMI excerpts of 30 s with distant speech and overlap.`,
  Latency: `\`latencySeconds\` sets how long after a turn its \`final\` comes.`,
  'Nobody enrolled': `Diarization error in percent, over all speech including overlap, without a collar unless stated.`,
  'Two at once': `Overlap that a \`final\` reports (\`overlaps\`) against overlap of 0.3 s or more in the reference.
The threshold for the segmentation network was chosen on the AMI excerpts, so their row flatters it.`,
};

/** Write the page and its plots. */
export function writePage(
  path: string,
  figures: Figures,
  model: EnrollModel,
  simulated: readonly Recording[],
  baselines: readonly TunedBaseline[],
): void {
  const folder = join(dirname(path), basename(path, '.md'));
  const plots = writePlots(folder, figures, simulated, baselines);
  const picture = (file: string): string => {
    const plot = plots.find((p) => p.file === file);
    return plot ? `\n![${plot.caption}](${basename(folder)}/${file})\n` : '';
  };
  const pictures: Record<string, string> = {
    'Thirty conversations': picture('timeline.svg') + picture('calibration.svg'),
    Latency: picture('latency.svg'),
    'By condition': picture('det.svg'),
  };
  const body = sections(figures).map(({ title, text }) =>
    [`## ${title}`, '', ...(NOTES[title] ? [NOTES[title], ''] : []), text, pictures[title] ?? ''].join('\n'),
  );
  writeFileSync(
    path,
    [intro(model), ...body, baselineText(baselines), LIMITS, YOURS].join('\n\n').replace(/\n{3,}/g, '\n\n'),
  );
}

function intro({ name, fingerprint }: EnrollModel): string {
  return `# Accuracy

Written by \`npm run accuracy\`, which reproduces every figure below. Model \`${name}\` (${fingerprint.slice(0, 12)}).

The data are thirty simulated conversations of up to ${SECONDS} s with an exact reference. Each has 2 to 6 speakers
enrolled from two clean utterances, and 0 to 2 strangers (unknown speakers). Speakers pause, interrupt and overlap.
Noise is at ${SNRS_DB.join(', ')} dB below the speech. Half of the conversations are in a simulated room
(reverberation time ${T60_SECONDS.join(' to ')} s). The voices are LibriSpeech test-other and speechocean762 speakers.

Every method gets the same embeddings and speech flags. Parameters were tuned on one half of the speakers and
noises; all figures are of the other half. Differences below two points are chance. The two halves are not
independent for the tracker's settings, the cohort and \`DEFAULT_SCORING\`, which were chosen with both in view.
For what to expect, read [voices that no setting was chosen with](unseen-voices.md).`;
}

function baselineText(baselines: readonly TunedBaseline[]): string {
  const items = baselines.map(
    ({ letter, name, source, tried }) => `- (${letter}) ${name}: ${source}; the best of ${tried} settings`,
  );
  return `## The baselines

Implemented from their published descriptions ([measure/baselines](../measure/baselines)), with the parameters
of least error on the tuning half. They enrol by the mean of a recording's windows.

${items.join('\n')}`;
}

const LIMITS = `## Limits

- One embedding per window cannot separate speakers who talk at the same time.
- Simulated conversations consist of read speech. Speakers who know each other take turns faster.
- Enrolment uses about 8 s of clean speech; more helps.
- Speech unlike all voices of the model's cohort is separated less well than the probability states.
- Turns under 1.5 s, one window, often get no name.
- Some parts of the tracker are worth nothing here: [ablation](accuracy/ablation.md).`;

const YOURS = `## On your own recordings

\`npm run accuracy -- --audio DIR\` repeats all of this on folders laid out like ours. Or make a conversation
from folders of voices (one folder a speaker), and measure it:

\`\`\`sh
npx whospeaks simulate talk --voices voices/ --seed 1 --snr 15 --room 0.4
npx whospeaks listen talk.wav --enroll alice=a1.wav,a2.wav --json > talk.jsonl
npx whospeaks evaluate events talk.jsonl talk.rttm --enrolled alice --svg talk.svg
\`\`\`

\`whospeaks evaluate\` also measures [annotated recordings and pairs of
recordings](reference/cli.md#whospeaks-evaluate), and \`whospeaks calibrate\` fits the scores to yours.
`;
