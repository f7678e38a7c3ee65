import { writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { EnrollModel } from 'whospeaks';
import { SECONDS, SNRS_DB, T60_SECONDS } from './conversations.js';
import type { Figures } from './measure.js';
import { writePlots } from './plots.js';
import type { Recording } from './recordings.js';
import { MORE, sections } from './report.js';
import type { TunedBaseline } from './systems.js';
import { table } from './table.js';

/** What stands above a section's table. */
const NOTES: Record<string, string> = {
  Goals: `Set before the first measurement, except the second and the fourth row, which were added.`,
  'Thirty conversations': `Errors are shares of the speech time. Any \`unknown\` label is right for a stranger. A delay is the stream time from a
change of speaker to the first event with the right name. ECE is the expected calibration error of the stated
probability. A false alarm is a label outside the reference's speech, mostly in pauses within a turn.`,
  [MORE]: `Five times thirty more conversations with the same voices in other combinations; no setting was chosen on them.
Intervals: percentile bootstrap over conversations, 2,000 draws.`,
  'Few enrolled': `With one speaker enrolled, most speech is strangers'. The rows: all 180 conversations with one speaker enrolled, who
takes part or not; each of the thirty with two speakers enrolled, after 20 to 30 minutes of strangers in the same
stream; each of seven AMI profiles in excerpts without that speaker. The baselines keep their parameters.`,
  'By condition': '',
  'False accepts': `\`falseAcceptRate\` is the share of strangers' turns that may get a name. Here all speakers are strangers: each
conversation again, with as many other speakers enrolled.`,
  Latency: `\`latencySeconds\` sets how long after a turn its \`final\` comes.`,
  'Enrolled there': `The thirty conversations again, with all speakers enrolled in the same room and noise instead of from clean
recordings.`,
  Telephone: `Five more conversations through a telephone (300 to 3400 Hz, 8 kHz, mu-law); enrolment is wide-band.`,
  Meetings: `AMI excerpts of 30 s with distant speech, laughter and overlap. Speakers who talk alone for 4 s or more in other
excerpts are enrolled; all others are strangers. Five excerpts are few: see the intervals in the second table.`,
  'Nobody enrolled': `Diarization error with all speakers unknown, over all speech including overlap, without a collar unless stated.
All systems use the same speech flags and give one label at a time.`,
  'Two at once': `Overlap in the reference, and overlap that a \`final\` reports (\`overlaps\`). A reported segment is true if two speakers
talk in it or within 0.25 s. Meetings contain far more overlap, and there reports are more reliable.`,
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

The data are thirty simulated conversations of up to ${SECONDS} s with an exact reference
(\`measure/accuracy/conversations.ts\`). Each has 2 to 6 speakers enrolled from two clean utterances, and 0 to 2
strangers (unknown speakers). Speakers pause, interrupt each other and overlap; levels differ by up to 8 dB. Noise is
at ${SNRS_DB.join(', ')} dB below the speech. Half of the conversations are in a simulated room (reverberation time
${T60_SECONDS.join(' to ')} s). The voices are LibriSpeech test-other and speechocean762 speakers (adults and children). The simulator's
level rule decides what is speech (\`src/evaluate/simulate/level.ts\`).

Every method gets the same embeddings and speech flags. The baselines enrol by the mean of a recording's windows,
and in separate rows with our profiles. Parameters were tuned on one half of the speakers and noises; all figures are
of the other half. Differences below two points are chance: one stranger with a similar voice makes as much.

The tracker's settings were chosen with the figures of both halves, of 93 more speakers (\`training/voices.py\`) and, for who
may have a name, of Coswara and Arabic Speech Commands speakers in view, so for them the two halves are not independent; nor
are the cohort and \`DEFAULT_SCORING\`. [Voices that no setting was chosen with](unseen-voices.md) have a page of their
own: read that one for what to expect.`;
}

function baselineText(baselines: readonly TunedBaseline[]): string {
  const rows = baselines.map(({ letter, name, source, parameters, tried }) => [
    `(${letter})`,
    name,
    source,
    Object.entries(parameters)
      .map(([key, value]) => `${key} ${value}`)
      .join(', '),
    String(tried),
  ]);
  return `## The baselines

Implemented from their published descriptions ([measure/baselines](../measure/baselines)), with the parameters of
least identification error on the tuning half. Each gets our segments of speech, and may label the newest step of a
window or an earlier one (\`lagSteps\`).

${table(['', 'method', 'source', 'parameters found', 'tried'], rows)}`;
}

const LIMITS = `## Limits

- One embedding per window cannot separate speakers who talk at the same time: overlap has at most one confident
  name.
- Simulated conversations consist of read speech. Speakers who know each other take turns faster.
- Enrolment uses about 8 s of clean speech; more helps. Enrolling in the room of use is no better ("Enrolled there").
- The model's cohort comes from the corpora of these voices, among others. Speech unlike all of them is separated
  less well than the probability states.
- Turns under 1.5 s, one window, often get no name.
- \`DEFAULT_SCORING\` was chosen on these corpora. Fit it to your own recordings: \`whospeaks calibrate\`.`;

const YOURS = `## On your own recordings

Make a conversation with an exact reference from folders of voices (one folder a speaker), and measure it:

\`\`\`sh
npx whospeaks simulate talk --voices voices/ --seed 1 --snr 15 --room 0.4
npx whospeaks listen talk.wav --enroll alice=a1.wav,a2.wav --json > talk.jsonl
npx whospeaks evaluate events talk.jsonl talk.rttm --enrolled alice --svg talk.svg
npx whospeaks evaluate events events/ all.rttm            # several: events/RECORDING.jsonl each, and in total
\`\`\`

Measure annotated recordings (RTTM), and pairs of recordings:

\`\`\`sh
npx whospeaks listen meeting.wav --rttm meeting-told.rttm
npx whospeaks evaluate diarization meeting.rttm meeting-told.rttm --collar 0.25
npx whospeaks evaluate trials pairs.txt --svg det.svg     # lines: 1 FILE FILE, or 0 FILE FILE
\`\`\`

Everything above, on folders laid out like ours: \`npm run accuracy -- --audio DIR\`.
`;
