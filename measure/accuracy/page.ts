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

/** What stands before or after a section's table. */
const NOTES: Record<string, string> = {
  Goals:
    'Set before anything was measured, but for two rows that were added: the second, with corrections, and the fourth, that tells what the two above it come to together.',
  'Thirty conversations':
    'Of each second of speech: the share that was not told rightly, and why. A stranger is right as any `unknown`. The ' +
    'delay counts from a change of speaker to the first tentative event with the right name (to the final one), on the ' +
    "stream's clock; ECE is the expected calibration error of the stated probability. False alarm is a label where " +
    'nobody talks, most of it in pauses of 0.3 s and more, which the reference leaves out and a turn spans.',
  [MORE]:
    'Thirty conversations are few: one stranger who sounds like an enrolled speaker moves their figures by two points. Here are five ' +
    'times thirty more of the same kinds, of the same voices in other company; settings were chosen on other conversations of these voices, as said above, none on these. The draws ' +
    'are of as many conversations, with repeats (percentile bootstrap, 2,000 draws).',
  'Few enrolled':
    'Who listens for one voice hears mostly strangers. All 180 conversations once more, of which the first speaker alone is enrolled, or ' +
    'one who does not take part (what is wrong there is that a stranger got the name, or speech was missed); and each of the thirty with its first two ' +
    'speakers enrolled, after all those of the thirty in which neither speaks, in one stream: twenty to thirty minutes of strangers ' +
    'come first. Last, each of seven profiles of AMI voices is listened for in the AMI excerpts in which that person does not speak. The ' +
    'baselines have the parameters that they have above.',
  'By condition': '',
  'False accepts':
    '`falseAcceptRate` is what a user asks for: how many of the turns of strangers may be named. It is measured where all ' +
    "speech is strangers': each conversation once more, with as many enrolled voices, none of whom takes part.",
  Latency:
    '`latencySeconds` sets how long after a turn its `final` comes, and how much evidence stands behind it.',
  'Enrolled there':
    'The thirty conversations once more, with everybody enrolled from the same two utterances in the same room, over the same kind of ' +
    'noise, instead of from clean recordings.',
  Telephone:
    'Five more conversations through a telephone: 300 to 3400 Hz, 8 kHz, mu-law; the voices are enrolled wide-band.',
  Meetings:
    'AMI excerpts of 30 s with far speech, laughter and overlap. Those are enrolled who talk alone for 4 s or more in other ' +
    'excerpts; all others are strangers. Little material, five excerpts and four enrolled voices: read it as an anecdote. How little it ' +
    'decides, the second table says, where the excerpts are drawn with repeats.',
  'Nobody enrolled':
    'Diarization error where every voice is unknown: all speech, overlap included. Without a collar unless it is said. ' +
    'What is scored is where speech was heard in each turn, without its pauses (`speech` of the finals), of every system by the ' +
    'same flags; one label at a time.',
  'Two at once':
    'Where two or more speak at once by the reference, and where a `final` says so (`overlaps`); enrolled as above. A stretch ' +
    'told is true where two speak in it, or within 0.25 s. The conversations have little of it, in interruptions of a second or ' +
    'so; meetings have far more, and there it is told more surely. `whospeaks evaluate events` counts it for a recording of your own.',
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

Written by \`npm run accuracy\`, which prints every figure below again. Model \`${name}\` (${fingerprint.slice(0, 12)}).

Thirty simulated conversations of up to ${SECONDS} s with an exact reference: 2 to 6 enrolled speakers, each known from two
clean utterances, with 0 to 2 strangers; people pause, interrupt each other and talk at once; they differ in level by up
to 8 dB; environmental noise at ${SNRS_DB.join(', ')} dB below the speech; half of them in a simulated room
(reverberation time ${T60_SECONDS.join(' to ')} s). The voices are LibriSpeech test-other and speechocean762 speakers
(adults and children). Every method hears the same embeddings and the same speech flags; the baselines know their speakers as
they are described, by the mean of a recording's windows, and also, in rows of their own, by our profiles. What can be tuned was tuned on
one half of the speakers and noises; everything here is on the other half. Seeds are in
\`measure/accuracy/conversations.ts\`. Of the tracker's settings, these were chosen with conversations of
93 more speakers in view as well (of the training data, kept out of the training: \`training/voices.py\`), and with the
figures of both halves: how much of a voice is learnt from the stream, what that costs a score, from where on a window
speaks for a voice (\`CONVERSATION_THRESHOLD\`), the default of \`falseAcceptRate\`, how likely a stranger is new (\`NEW_SHARE\`),
when unknown voices are founded, labelled and told apart, that turns in a row are compared before they are joined, when two
people are found under one name (\`two-people.ts\`), how softly turns begin and end and where an interruption is told
(\`told-span.ts\`), where in a turn somebody is heard (\`heard-speech.ts\`), when a turn that was nobody's is claimed
(\`unclaimed-turns.ts\`), from where on two voices are told (\`overlap-track.ts\`), what is the tail of a turn
(\`MAX_TAIL_SAMPLES\`), what is noise (\`open-turn.ts\`), and which weights the speech gate has and where it opens and closes.
Most of that was chosen when the 93 were in the model's cohort too, which was kind to their strangers; they no longer are.
Chosen since, in the same way, on three to six times thirty conversations of each of these voices (seeds 1,000 to 5,000 after those of
the thirty): of whom the cohort is, what scores are expected to be (\`DEFAULT_SCORING\`), and what a profile and a window weigh in
the search (\`PROFILE_WINDOWS\`, \`EVIDENCE_GAIN\`); and, with few of the voices enrolled as well ("Few enrolled"), how the share
of strangers is learnt (\`stranger-share.ts\`), how a speaker is looked for as enrolled (\`PROFILE_ALONE_SCORE\`), and the default of
\`falseAcceptRate\` once more, with what is asked of longer turns beside it (\`DEFAULT_RATE_OF_ONE\`; the telephone calls of both halves, too). One
stranger who sounds like an enrolled speaker moves the error of a half by two points; read differences below that as chance.

The reference is what the simulator put in: of each recording, what lies within 35 dB of its loudest 10 ms and 9 dB above
its own noise floor counts as speech (\`src/evaluate/simulate/level.ts\`).`;
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

Written from their published descriptions ([measure/baselines](../measure/baselines)), each with its own parameters searched
for the least identification error on the tuning half. So that labels are compared and not speech gates, each is given
our stretches of speech, and may label the newest step of a window or one further back (\`lagSteps\`).

${table(['', 'method', 'source', 'parameters found', 'tried'], rows)}`;
}

const LIMITS = `## Limits

- One embedding a window cannot untangle people who talk at once: overlap is told, and at most one of them is named
  with confidence.
- Simulated conversations are made of read speech. People who know each other take turns faster.
- A voice is enrolled from about 8 s of clean speech here. More helps. In the room in which it is to be known, over its noise, is no
  better than clean: what strangers there have in common with the enrolment counts as likeness ("Enrolled there").
- Scores are measured against the voices of the model's cohort, training speakers of the corpora that these voices are from, among
  others. Speech unlike all of them is told apart less well than it says: in the meetings two women, or two men, score higher than
  strangers should.
- Turns under 1.5 s are often never named: that is one window.
- What scores mean (\`DEFAULT_SCORING\`) was chosen with these corpora. On your own recordings, fit it again:
  \`whospeaks calibrate\`.`;

const YOURS = `## On your own recordings

From folders of single voices (one folder a speaker), a conversation with an exact reference:

\`\`\`sh
npx whospeaks simulate talk --voices voices/ --seed 1 --snr 15 --room 0.4
npx whospeaks listen talk.wav --enroll alice=a1.wav,a2.wav --json > talk.jsonl
npx whospeaks evaluate events talk.jsonl talk.rttm --enrolled alice --svg talk.svg
npx whospeaks evaluate events events/ all.rttm            # of many: events/RECORDING.jsonl of each, and all together
\`\`\`

From recordings that you have annotated (RTTM), and from pairs of recordings:

\`\`\`sh
npx whospeaks listen meeting.wav --rttm meeting-told.rttm
npx whospeaks evaluate diarization meeting.rttm meeting-told.rttm --collar 0.25
npx whospeaks evaluate trials pairs.txt --svg det.svg     # lines: 1 FILE FILE, or 0 FILE FILE
\`\`\`

All of the above, on folders laid out like ours: \`npm run accuracy -- --audio DIR\`.
`;
