import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SpeakerModel, type IdentifyEvent } from '../../src/index.js';
import { exampleSpeakers, toldOf } from '../example-voices.js';
import { randomNumbers } from '../random.js';
import { AUDIO, whospeaks } from '../helpers.js';

const MEETING = `${AUDIO}/meeting.wav`;
const ENROLL = ['--enroll', `${AUDIO}/alice.wav`, '--enroll', `${AUDIO}/bob.wav`];
/** Scores may differ in their last digits, where instructions add in another order. */
const MAX_DIFFERENCE = 1e-3;

/** All of an event but its scores: positions, labels, revisions. */
function facts(event: IdentifyEvent): object {
  return Object.fromEntries(Object.entries(event).filter(([key]) => !['score', 'probability'].includes(key)));
}

const scores = (events: readonly IdentifyEvent[]): number[] =>
  events.flatMap((event) => ('probability' in event ? [event.score, event.probability] : []));

async function heardBy(simd: string, threads: number): Promise<IdentifyEvent[]> {
  const { code, stdout, stderr } = await whospeaks(
    ['listen', MEETING, ...ENROLL, '--json', '--engine', 'cpu', '--threads', String(threads)],
    { env: { WHOSPEAKS_SIMD: simd } },
  );
  expect([code, stderr]).toEqual([0, '']);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as IdentifyEvent);
}

describe('the same sound gives the same events', () => {
  it('with every instruction set that this machine has, on one thread and on two', async () => {
    // Who asks for one that is not there is told which are.
    const { stderr } = await whospeaks(['listen', MEETING, '--engine', 'cpu'], {
      env: { WHOSPEAKS_SIMD: 'none' },
    });
    const sets = /it has ([a-z0-9, ]+) \[/.exec(stderr)![1]!.split(', ');
    expect(sets.length).toBeGreaterThan(1);
    const [first, ...others] = sets;
    const wanted = await heardBy(first!, 1);
    expect(wanted.filter(({ type }) => type === 'final')).toHaveLength(8);
    for (const [i, simd] of [...others, first!].entries()) {
      const events = await heardBy(simd, 2 - (i % 2));
      expect(events.map(facts)).toEqual(wanted.map(facts));
      const worst = scores(events).map((score, k) => Math.abs(score - scores(wanted)[k]!));
      expect(Math.max(...worst)).toBeLessThan(MAX_DIFFERENCE);
    }
  });

  it('however it is cut into pieces, to the last digit', async () => {
    const model = await SpeakerModel.fromPretrained();
    try {
      const speakers = await exampleSpeakers(model, ['alice']);
      const pcm = readFileSync(MEETING).subarray(44, 44 + 20 * 32_000);
      const heard = (sizes: () => number): Promise<IdentifyEvent[]> => {
        const pieces: Buffer[] = [];
        for (let at = 0; at < pcm.length;) {
          const size = sizes();
          pieces.push(pcm.subarray(at, at + size));
          at += size;
        }
        return toldOf(pieces, model, speakers);
      };
      const whole = await heard(() => pcm.length);
      expect(whole.filter(({ type }) => type === 'final').length).toBeGreaterThan(2);
      const random = randomNumbers(17);
      // Odd sizes too: a sample may be cut in two.
      expect(await heard(() => 1 + Math.floor(random() * 9000))).toEqual(whole);
      expect(await heard(() => 641)).toEqual(whole);
    } finally {
      model.close();
    }
  });
});
