/**
 * Words under names, beside plain assignments by time:
 *
 *   python measure/words/recognise.py ../shared/audio/librispeech/*\/*.flac > words.jsonl
 *   npm run accuracy -- --words words.jsonl [--tune] [--count N] [--audio DIR] [--cache DIR] [--docs PAGE]
 *
 * Simulated conversations of single utterances, in which PocketSphinx found the words (`recognise.py`). `--tune`: of the
 * speakers of speechocean, which the settings were chosen on, with words of theirs; else of LibriSpeech's.
 */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fromSamples, hearWords, loadModel, nameWords, type NamedWord } from 'whospeaks';
import { Cache } from '../accuracy/embed.js';
import { percent, table } from '../accuracy/table.js';
import { writeFigures } from '../write-figures.js';
import { byMidpoint, byOverlap } from './baselines.js';
import { readUtteranceWords, wordConversations, type Conversation } from './conversations.js';
import { cpWordErrors, streamsOf } from './cp-wer.js';
import { totalScore, wordScore } from './score.js';

const HEAD = ['words go to', 'wrong', 'WDER', 'wrong at changes', 'share of the better plain one', 'cpWER'];

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      words: { type: 'string' },
      tune: { type: 'boolean', default: false },
      count: { type: 'string', default: '12' },
      audio: { type: 'string', default: '../shared/audio' },
      cache: { type: 'string', default: join(tmpdir(), 'whospeaks-accuracy') },
      docs: { type: 'string' },
    },
  });
  const spoken = readUtteranceWords(values.words!);
  const model = await loadModel();
  try {
    const corpus = values.tune ? 'speechocean' : 'librispeech';
    const studio = { audio: values.audio, spoken, model, cache: new Cache(values.cache) };
    const talks = await wordConversations(corpus, Number(values.count), studio);
    const byVoice: string[][] = [];
    for (const { samples, words, diarization } of talks) {
      const { segments } = diarization;
      const voices = await hearWords(model, fromSamples(samples), words, segments);
      byVoice.push(speakersOf(nameWords(words, segments, { voices })));
    }
    const answers = [
      [
        'whoever speaks in their middle',
        talks.map((talk) => byMidpoint(talk.words, talk.diarization.segments)),
      ],
      ['whoever shares most time', talks.map((talk) => byOverlap(talk.words, talk.diarization.segments))],
      [
        '`nameWords`, times alone',
        talks.map((talk) => speakersOf(nameWords(talk.words, talk.diarization.segments))),
      ],
      ['`nameWords` with `hearWords`', byVoice],
    ] as const;
    const scores = answers.map(([name, labels]) => ({ name, ...scored(talks, labels) }));
    const plain = Math.min(scores[0]!.changeWrong, scores[1]!.changeWrong);
    const rows = scores.map(({ name, wrong, words, changeWrong, changeWords, errors }) => [
      name,
      `${wrong} of ${words}`,
      percent(wrong / words),
      `${changeWrong} of ${changeWords}`,
      (changeWrong / plain).toFixed(2),
      percent(errors / words),
    ]);
    const text = table(HEAD, rows);
    console.log(text);
    if (values.docs !== undefined) writeFigures(values.docs, 'words', text);
  } finally {
    model.close();
  }
}

function speakersOf(words: readonly NamedWord[]): string[] {
  return words.map(({ speaker }) => speaker);
}

function scored(talks: readonly Conversation[], labels: readonly (readonly string[])[]) {
  const total = totalScore(talks.map(({ words }, i) => wordScore(words, labels[i]!)));
  const errors = talks.reduce((sum, { words }, i) => {
    const texts = words.map(({ text }) => text);
    const truth = words.map(({ speaker }) => speaker);
    return sum + cpWordErrors(streamsOf(texts, truth), streamsOf(texts, labels[i]!)).errors;
  }, 0);
  return { ...total, errors };
}
