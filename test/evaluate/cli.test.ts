import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { equalErrorRate, wavBytes } from '../../src/evaluate/index.js';
import { cosineSimilarity, fromFile, readAll, SpeakerModel } from '../../src/index.js';
import { runHere } from '../cli-in-process.js';
import { AUDIO } from '../helpers.js';
import { file, folder, rttm } from './annotation-files.js';

describe('whospeaks evaluate diarization', () => {
  const reference = file('ref.rttm', rttm('a', 'ann 0 10, ben 10 20') + rttm('b', 'ann 0 10'));
  const hypothesis = file('hyp.rttm', rttm('a', 'x 0 12, y 12 20') + rttm('b', 'x 1 10'));

  it('tells each recording and all of them', async () => {
    const svg = join(folder, 'timeline.svg');
    const { stdout, code } = await runHere([
      'evaluate',
      'diarization',
      reference,
      hypothesis,
      '--json',
      '--svg',
      svg,
    ]);
    expect(code).toBe(0);
    const got = JSON.parse(stdout) as Record<string, number> & { recordings: Record<string, unknown>[] };
    expect(got['diarizationErrorRate']).toBeCloseTo(3 / 30, 9);
    expect(got['confusionSeconds']).toBeCloseTo(2, 9);
    expect(got['missSeconds']).toBeCloseTo(1, 9);
    expect(got.recordings.map(({ recording, mapping }) => [recording, mapping])).toEqual([
      ['a', { x: 'ann', y: 'ben' }],
      ['b', { x: 'ann' }],
    ]);
    expect(readFileSync(svg, 'utf8')).toContain('hypothesis');
  });

  it('reads a collar and a UEM file', async () => {
    const uem = file('a.uem', 'a 1 0 11\n');
    const { stdout } = await runHere([
      'evaluate',
      'diarization',
      reference,
      hypothesis,
      '--uem',
      uem,
      '--collar',
      '0.5',
    ]);
    expect(stdout).toMatch(/^a +9\.5 s +5\.26 %/m);
    expect(stdout).toMatch(/^recording +speech +DER +miss +false alarm +confusion +JER$/m);
  });
});

describe('whospeaks evaluate events', () => {
  it('tells the identification error, its parts and the delays', async () => {
    const event = (type: string, speaker: string, turn: number, start: number, end: number) =>
      JSON.stringify({
        type,
        turn,
        revision: Number(type === 'final'),
        startSample: start * 16_000,
        endSample: end * 16_000,
        atSample: end * 16_000,
        speaker,
        known: speaker !== 'unknown-1',
        score: 1,
        probability: 1,
      });
    const lines = [
      event('tentative', 'ann', 0, 0, 2),
      event('final', 'ann', 0, 0, 6),
      event('final', 'unknown-1', 1, 6, 10),
    ];
    const events = file('talk.jsonl', lines.join('\n'));
    const reference = file('talk.rttm', rttm('talk', 'ann 0 5, eve 5 10'));
    const run = await runHere(['evaluate', 'events', events, reference, '--json']);
    const got = JSON.parse(run.stdout) as Record<string, Record<string, unknown>>;
    expect(got['enrolled']).toEqual(['ann']);
    expect(got['identification']).toMatchObject({
      rate: expect.closeTo(0.1, 9) as number,
      unknownAcceptedSeconds: 1,
      rightUnknownSeconds: 4,
    });
    expect(got['tentativeDelay']).toMatchObject({ changes: 2, missed: 1, p50Seconds: 2 });
    expect(got['finalDelay']).toMatchObject({ missed: 0 });
    expect(got['overlap']).toMatchObject({ referenceSeconds: 0, toldStretches: 0 });
    const text = await runHere(['evaluate', 'events', events, reference]);
    expect(text.stdout).toMatch(/identification error +10\.00 %/);
    expect(text.stdout).toMatch(/two at once +0\.0 s; told 0 of 0 stretches/);
  });
});

describe('what is not scored', () => {
  const reference = file('two.rttm', rttm('a', 'ann 0 10') + rttm('b', 'ann 0 10, ben 10 20'));
  const hypothesis = file('two.hyp.rttm', rttm('a', 'x 0 5') + rttm('b', 'x 0 10, y 10 20'));
  const told = async (...args: string[]) =>
    JSON.parse((await runHere(['evaluate', ...args, '--json'])).stdout) as Record<string, never> & {
      recordings: {
        recording: string;
        diarizationErrorRate: number | null;
        jaccardErrorRate: number | null;
      }[];
    };

  it('has no rate, and no weight in that of all', async () => {
    const all = await told('diarization', reference, hypothesis, '--uem', file('only.uem', 'a 1 0 10\n'));
    expect(all['jaccardErrorRate']).toBeCloseTo(0.5, 9);
    expect(all.recordings[1]).toMatchObject({ diarizationErrorRate: null, jaccardErrorRate: null });
    const none = await told('diarization', reference, hypothesis, '--collar', '100');
    expect([none['diarizationErrorRate'], none['jaccardErrorRate']]).toEqual([null, null]);
  });

  const final = (turn: number, speaker: string, from: number, to: number, known = true) =>
    `${JSON.stringify({
      ...{ type: 'final', turn, revision: 1, startSample: 16_000 * from, endSample: 16_000 * to },
      ...{ atSample: 16_000 * to, speaker, known, score: 0.6, probability: 0.9 },
    })}\n`;
  const truth = file('names.rttm', rttm('c', 'Mary_Ann 0 10, ben 10 20'));

  it('is left out of changes, delays and calibration as well', async () => {
    const events = file('uem.jsonl', final(0, 'Mary_Ann', 0, 10) + final(1, 'Mary_Ann', 10, 20));
    const half = await told(
      'events',
      events,
      truth,
      '--enrolled',
      'Mary_Ann,ben',
      '--uem',
      file('c.uem', 'c 1 0 10\n'),
    );
    expect(half).toMatchObject({
      seconds: 10,
      identification: { rate: 0 },
      labelChanges: { hypothesisPerHour: 0, referencePerHour: 0 },
      finalDelay: { changes: 1 },
      calibrationError: expect.closeTo(0.1, 9) as number,
    });
  });

  it('is what NOSCORE lines of the reference name, everywhere', async () => {
    const noscore = file(
      'noscore.rttm',
      `${rttm('c', 'ann 0 10, ben 10 20')}NOSCORE c 1 10 10 <NA> <NA> <NA> <NA>\n`,
    );
    const diarization = await told('diarization', noscore, file('noscore.hyp.rttm', rttm('c', 'x 0 20')));
    expect(diarization).toMatchObject({ diarizationErrorRate: 0, jaccardErrorRate: 0, speechSeconds: 10 });
    const events = file('noscore.jsonl', final(0, 'ann', 0, 20));
    const heard = await told('events', events, noscore, '--enrolled', 'ann,ben');
    expect(heard).toMatchObject({
      seconds: 10,
      identification: { rate: 0, speechSeconds: 10 },
      finalDelay: { changes: 1 },
      diarization: { rate: 0 },
    });
  });

  it('has no edge of its own to leave out a collar at', async () => {
    const events = file('edge.jsonl', final(0, 'Mary_Ann', 0, 10) + final(1, 'ben', 10, 20));
    const half = await told('events', events, truth, '--uem', file('edge.uem', 'c 1 0 5\n'), '--collar', '1');
    expect(half).toMatchObject({ identification: { speechSeconds: 4 }, diarization: { totalSeconds: 4 } });
  });

  it('several recordings are told each, and together by their time', async () => {
    const several = file('several.rttm', rttm('a', 'ann 0 10') + rttm('b_2', 'ann 0 10, ben 10 20'));
    const events = join(folder, 'several');
    mkdirSync(events);
    writeFileSync(join(events, 'a.jsonl'), final(0, 'ann', 0, 10));
    writeFileSync(join(events, 'b 2.jsonl'), final(0, 'ann', 0, 20));
    const args = ['events', events, several, '--enrolled', 'ann,ben'];
    const all = await told(...args);
    expect(all).toMatchObject({
      seconds: 30,
      identification: {
        rate: expect.closeTo(1 / 3, 9) as number,
        speechSeconds: 30,
        rightNameSeconds: 20,
        wrongNameSeconds: 10,
      },
      finalDelay: { changes: 3, missed: 1, delaysSeconds: [10, 20], p50Seconds: 15 },
      labelChanges: { hypothesisPerHour: 0, referencePerHour: expect.closeTo(120, 9) as number },
      calibrationError: expect.closeTo(0.1, 9) as number,
      diarization: {
        rate: expect.closeTo(1 / 3, 9) as number,
        totalSeconds: 30,
        confusionSeconds: 10,
      },
    });
    expect(all.recordings).toMatchObject([
      { recording: 'a', identification: { rate: 0 }, diarization: { mapping: { ann: 'ann' } } },
      { recording: 'b_2', identification: { rate: 0.5 } },
    ]);
    const text = await runHere(['evaluate', ...args]);
    expect(text.stdout).toMatch(/^all +30\.0 s +33\.33 % +15\.00 s +33\.33 %$/m);
    expect(text.stdout).toMatch(/^identification error +33\.33 %$/m);
    // One of them alone is what its file alone would be, without what is of several.
    const one = await told(...args, '--recording', 'b_2');
    expect(one).toMatchObject({ seconds: 20, identification: { rate: 0.5 } });
    // What was not answered is missed, and what answers nothing is most likely misnamed.
    const more = file('more.rttm', rttm('a', 'ann 0 10') + rttm('b_2', 'ann 0 10') + rttm('c', 'ann 0 10'));
    expect(await told('events', events, more)).toMatchObject({ identification: { missedSeconds: 10 } });
    const { stderr } = await runHere(['evaluate', 'events', events, file('a.rttm', rttm('a', 'ann 0 10'))]);
    expect(stderr).toMatch(/recording "b_2" is not in .*\[annotation-empty\]/);
    writeFileSync(join(events, 'b_2.jsonl'), final(0, 'ann', 0, 20));
    expect((await runHere(['evaluate', ...args])).stderr).toMatch(/two files.*"b_2".*\[invalid-option\]/);
  });

  it('names are compared as RTTM can have them, and corrections count where they are asked for', async () => {
    const correction = { type: 'correction', turn: 1, revision: 2, startSample: 160_000, endSample: 320_000 };
    const later = {
      ...correction,
      atSample: 320_000,
      speaker: 'ben',
      known: true,
      was: 'Mary Ann',
      score: 0.5,
      probability: 0.9,
    };
    const events = file(
      'names.jsonl',
      `\ufeff${final(0, 'Mary Ann', 0, 10)}${final(1, 'Mary Ann', 10, 20)}${JSON.stringify(later)}\n{"type":"toString"}\n`,
    );
    const finals = await told('events', events, truth, '--enrolled', 'Mary Ann,ben');
    expect(finals).toMatchObject({ identification: { rate: 0.5, rightNameSeconds: 10 }, strangers: [] });
    const corrected = await told('events', events, truth, '--enrolled', 'Mary Ann,ben', '--corrected');
    expect(corrected).toMatchObject({
      identification: { rate: 0 },
      diarization: { rate: 0 },
      corrected: true,
    });
  });

  it('tells who counts as a stranger', async () => {
    const events = file('nobody.jsonl', final(0, 'unknown', 0, 20, false));
    const { stdout } = await runHere(['evaluate', 'events', events, truth]);
    expect(stdout).toMatch(/strangers +Mary_Ann, ben\n/);
    // With nobody enrolled no name can be right or wrong.
    expect(stdout).toMatch(/^identification error +-\n {2}wrong name +-\n {2}known called unknown +-\n/m);
    expect(stdout).toMatch(/^delay to the right name +tentative -\n +final -\n/m);
    expect(stdout).toMatch(/^calibration error +-$/m);
    expect(stdout).toMatch(/^diarization error +50\.00 %$/m);
    const json = await told('events', events, truth);
    expect(json).toMatchObject({
      identification: { rate: null, speechSeconds: 20 },
      finalDelay: { p50Seconds: null },
      calibrationError: null,
    });
    const named = await told('events', events, truth, '--enrolled', 'ben');
    expect(named).toMatchObject({ identification: { rate: 0.5 } });
  });

  it('two names that would be one in RTTM are refused', async () => {
    const events = file('twice.jsonl', final(0, 'Mary Ann', 0, 10) + final(1, 'Mary_Ann', 10, 20));
    const { code, stderr } = await runHere(['evaluate', 'events', events, truth]);
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/"Mary Ann" and "Mary_Ann" would both be Mary_Ann/) as string,
    });
  });
});

describe('whospeaks evaluate trials', () => {
  it('reads scores', async () => {
    const list = file('scores.txt', '1 0.9\n1 0.2\n0 0.3\n0 0.1\n');
    const svg = join(folder, 'det.svg');
    const { stdout } = await runHere(['evaluate', 'trials', list, '--svg', svg]);
    expect(stdout).toMatch(/equal error rate +50\.00 %/);
    expect(existsSync(svg)).toBe(true);
  });

  it('tells the cost of log-likelihood ratios, where they are said to be that', async () => {
    const list = file('llr.txt', `1 0\n1 ${Math.log(3)}\n0 0\n0 ${-Math.log(3)}\n`);
    const text = await runHere(['evaluate', 'trials', list, '--llr']);
    expect(text.stdout).toMatch(/^Cllr +0\.7075 bit\nminimum Cllr +0\.5000 bit\n/m);
    const json = await runHere(['evaluate', 'trials', list, '--llr', '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({
      logLikelihoodRatioCost: expect.closeTo((1 + Math.log2(4 / 3)) / 2, 12) as number,
      minimumLogLikelihoodRatioCost: expect.closeTo(0.5, 12) as number,
    });
    for (const args of [[], ['--json']]) {
      const plain = await runHere(['evaluate', 'trials', list, ...args]);
      expect(plain.stdout).not.toMatch(/Cllr|LikelihoodRatioCost/);
    }
  });

  it('compares recordings, their names from the folder of the list', async () => {
    for (const name of ['alice', 'bob']) copyFileSync(`${AUDIO}/${name}.wav`, join(folder, `${name}.wav`));
    const list = file('pairs.txt', '1 alice.wav alice.wav\n0 alice.wav bob.wav\n');
    const { stdout } = await runHere(['evaluate', 'trials', list, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ targets: 1, impostors: 1, equalErrorRate: 0 });
    // What `compare` says of these two pairs is sure and right.
    const costs = JSON.parse((await runHere(['evaluate', 'trials', list, '--llr', '--json'])).stdout) as {
      logLikelihoodRatioCost: number;
    };
    expect(costs.logLikelihoodRatioCost).toBeLessThan(0.01);
  });

  it("runs VoxCeleb's lists: folders of speakers and videos, whole recordings, a mean subtracted", async () => {
    const model = await SpeakerModel.fromPretrained();
    const meeting = await readAll(fromFile(`${AUDIO}/meeting.wav`));
    const embeddings = new Map<string, Float32Array>();
    const save = async (path: string, samples: Float32Array): Promise<void> => {
      mkdirSync(join(folder, 'vox', path, '..'), { recursive: true });
      writeFileSync(join(folder, 'vox', path), wavBytes(samples));
      embeddings.set(path, await model.embed(samples, 16_000));
    };
    for (const name of ['alice', 'bob']) {
      const samples = await readAll(fromFile(`${AUDIO}/${name}.wav`));
      for (const i of [0, 1]) {
        await save(`wav/${name}/video-${i}/00001.wav`, samples.slice(80_000 * i, 80_000 * (i + 1)));
      }
    }
    for (const [k, name] of ['carol', 'dora', 'emil'].entries()) {
      for (const i of [0, 1]) {
        const at = 200_000 * k + 100_000 * i;
        await save(`dev/${name}/video-${i}/00001.wav`, meeting.slice(at, at + 100_000));
      }
    }
    model.close();
    const pairs = [
      ['1', 'alice/video-0/00001.wav', 'alice/video-1/00001.wav'],
      ['1', 'bob/video-0/00001.wav', 'bob/video-1/00001.wav'],
      ['0', 'alice/video-0/00001.wav', 'bob/video-0/00001.wav'],
      ['0', 'alice/video-1/00001.wav', 'bob/video-1/00001.wav'],
    ] as const;
    const developed = [...embeddings].filter(([path]) => path.startsWith('dev/'));
    const mean = new Float32Array(256).map(
      (_, i) => developed.reduce((sum, [, vector]) => sum + vector[i]!, 0) / developed.length,
    );
    const centred = (file: string): Float32Array =>
      embeddings.get(`wav/${file}`)!.map((value, i) => value - mean[i]!);
    const scores = (wanted: string, of: (file: string) => Float32Array): number[] =>
      pairs.filter(([label]) => label === wanted).map(([, a, b]) => cosineSimilarity(of(a), of(b)));
    const list = file('veri_test2.txt', pairs.map((pair) => `${pair.join(' ')}\n`).join(''));
    const run = ['evaluate', 'trials', list, '--audio', join(folder, 'vox/wav'), '--json'];
    for (const [args, of] of [
      [[], (file: string) => embeddings.get(`wav/${file}`)!],
      [['--mean-of', join(folder, 'vox/dev')], centred],
    ] as const) {
      const { stdout } = await runHere([...run, ...args]);
      const expected = equalErrorRate({ targets: scores('1', of), impostors: scores('0', of) });
      const told = JSON.parse(stdout) as { equalErrorRate: number; equalErrorThreshold: number };
      expect(told.equalErrorRate).toBeCloseTo(expected.rate, 6);
      expect(told.equalErrorThreshold).toBeCloseTo(expected.threshold, 3);
    }
    // AS-norm as WeSpeaker has it: of each side the mean and the deviation of the cosines with the nearest of the cohort.
    const deviate = (vector: Float32Array): { mean: number; deviation: number } => {
      const near = ['carol', 'dora', 'emil']
        .map((name) => {
          const [a, b] = [0, 1].map((i) => embeddings.get(`dev/${name}/video-${i}/00001.wav`)!);
          const middle = a!.map((value, i) => (value + b![i]!) / 2 - mean[i]!);
          return cosineSimilarity(vector, middle);
        })
        .sort((a, b) => b - a)
        .slice(0, 2);
      return { mean: (near[0]! + near[1]!) / 2, deviation: Math.abs(near[0]! - near[1]!) / 2 };
    };
    const normalised = pairs.map(([label, a, b]) => {
      const cosine = cosineSimilarity(centred(a), centred(b));
      const [one, other] = [deviate(centred(a)), deviate(centred(b))];
      return {
        label,
        score: ((cosine - one.mean) / one.deviation + (cosine - other.mean) / other.deviation) / 2,
      };
    });
    const of = (wanted: string): number[] =>
      normalised.filter(({ label }) => label === wanted).map(({ score }) => score);
    const dev = join(folder, 'vox/dev');
    const norm = await runHere([...run, '--mean-of', dev, '--as-norm', dev, '--as-norm-top', '2']);
    const normed = JSON.parse(norm.stdout) as { equalErrorRate: number; equalErrorThreshold: number };
    const wanted = equalErrorRate({ targets: of('1'), impostors: of('0') });
    expect(normed.equalErrorRate).toBeCloseTo(wanted.rate, 6);
    expect(normed.equalErrorThreshold / wanted.threshold).toBeCloseTo(1, 2);
    const small = await runHere([...run, '--as-norm', join(dev, 'carol')]);
    expect(small.code).toBe(0);
    const alone = await runHere([...run, '--as-norm', join(dev, 'carol/video-0')]);
    expect(alone.stderr).toMatch(/0 folders with recordings; a cohort needs 2 voices/);
    const llr = await runHere([...run, '--llr', '--as-norm', dev]);
    expect(llr.stderr).toContain('--as-norm is for cosines');
    const both = await runHere([...run, '--llr', '--mean-of', join(folder, 'vox/dev')]);
    expect(both.stderr).toContain('--mean-of is for cosines');
    const none = await runHere([...run, '--mean-of', mkdtempSync(join(folder, 'empty-'))]);
    expect(none.stderr).toContain('no recordings in the folder');
  });
});

describe('whospeaks simulate', () => {
  it('writes a conversation, its reference and its conditions, the same for the same seed', async () => {
    for (const name of ['alice', 'bob']) {
      mkdirSync(join(folder, 'voices', name), { recursive: true });
      copyFileSync(`${AUDIO}/${name}.wav`, join(folder, 'voices', name, 'a.wav'));
    }
    const args = ['--voices', join(folder, 'voices'), '--seed', '4', '--snr', '20', '--telephone'];
    for (const out of ['one', 'two']) {
      const { code } = await runHere(['simulate', join(folder, out), ...args]);
      expect(code).toBe(0);
    }
    const read = (name: string) => readFileSync(join(folder, name));
    expect(read('one.wav').equals(read('two.wav'))).toBe(true);
    expect(read('one.rttm').toString().replaceAll('one', 'two')).toBe(read('two.rttm').toString());
    expect(JSON.parse(read('one.json').toString())).toMatchObject({ seed: 4, snrDb: 20, telephone: true });
    // A conversation against its own reference has no error.
    const { stdout } = await runHere([
      'evaluate',
      'diarization',
      join(folder, 'one.rttm'),
      join(folder, 'one.rttm'),
      '--json',
    ]);
    expect(JSON.parse(stdout)).toMatchObject({ diarizationErrorRate: 0, jaccardErrorRate: 0 });
  });
});
