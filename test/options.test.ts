import { describe, expect, it } from 'vitest';
import { enroll, identify, type AudioSource, type EnrollModel } from '../src/index.js';
import { track, Tracker } from '../src/stages.js';

const source: AudioSource = {
  live: false,
  // eslint-disable-next-line @typescript-eslint/require-await
  async *[Symbol.asyncIterator]() {
    yield* [];
  },
};
const model: EnrollModel = {
  name: 'm',
  fingerprint: 'a'.repeat(64),
  embedWindow: () => Promise.resolve({ embedding: new Float32Array(4) }),
};
const scoring = {
  ...{ impostorMean: -1, impostorDeviation: 1.8, genuineMean: 2.7, genuineGrowth: 0.5 },
  ...{ turnDeviation: 0.75, streamDeviation: 0.65 },
};

/** What plain JavaScript may give. */
const identifyWith = (from: unknown, options: unknown): unknown => identify(from as never, options as never);
const trackWith = (options: unknown): unknown => track(options as never);
const trackerWith = (options: unknown): unknown => new Tracker(options as never);

const CASES: [what: string, act: () => unknown, message: string][] = [
  [
    'no source',
    () => identifyWith(null, { model }),
    'identify: option "source": expected an AudioSource, such as fromFile gives, or a function that makes one, received null',
  ],
  [
    'a path as the source',
    () => identifyWith('a.wav', { model }),
    'identify: option "source": expected an AudioSource, such as fromFile gives, or a function that makes one, received "a.wav"',
  ],
  ['no options', () => identifyWith(source, 5), 'identify: expected object, received 5'],
  [
    'no model',
    () => identifyWith(source, { model: {} }),
    'identify: option "model": expected a SpeakerModel, received an object',
  ],
  [
    'empty scoring',
    () => identifyWith(source, { model, scoring: {} }),
    'identify: option "scoring.impostorMean": expected number, received undefined',
  ],
  [
    'scoring of NaN',
    () => identifyWith(source, { model, scoring: { ...scoring, genuineMean: NaN } }),
    'identify: option "scoring.genuineMean": expected number, received NaN',
  ],
  [
    'scoring without spread',
    () => identifyWith(source, { model, scoring: { ...scoring, turnDeviation: 0 } }),
    'identify: option "scoring.turnDeviation": expected above 0, received 0',
  ],
  [
    'scoring that is none',
    () => identifyWith(source, { model, scoring: 5 }),
    'identify: option "scoring": expected object, received 5',
  ],
  [
    'adapt that is none',
    () => identifyWith(source, { model, adapt: true }),
    'identify: option "adapt": expected a function, received true',
  ],
  [
    'a step between frames',
    () => identifyWith(source, { model, stepMs: 105 }),
    'identify: option "stepMs": Invalid number: must be a multiple of 10, received 105',
  ],
  [
    'a step longer than the window',
    () => identifyWith(source, { model, stepMs: 2000, windowMs: 1000 }),
    'identify: option "stepMs": expected no more than windowMs, received 2000',
  ],
  [
    'a greatest step below the step',
    () => identifyWith(source, { model, maxStepMs: 200 }),
    'identify: option "maxStepMs": expected stepMs to windowMs, received 200',
  ],
  [
    'commands that are none',
    () => identifyWith(source, { model, commands: [] }),
    'identify: option "commands": expected an Observable of TrackCommand, received an array',
  ],
  [
    'a rate above 1 for the operator',
    () => trackWith({ speakers: [], falseAcceptRate: 2 }),
    'track: option "falseAcceptRate": Too big: expected number to be <1, received 2',
  ],
  [
    'empty scoring of a tracker',
    () => trackerWith({ speakers: [], scoring: {} }),
    'Tracker: option "scoring.impostorMean": expected number, received undefined',
  ],
  [
    'a tracker without speakers',
    () => trackerWith(null),
    'Tracker: option "speakers": expected array, received undefined',
  ],
  [
    'a model that is none',
    () => trackerWith({ speakers: [], model: 5 }),
    'Tracker: option "model": expected a SpeakerModel, received 5',
  ],
];

describe('a wrong option is named, with what was expected and what came', () => {
  it.each(CASES)('%s', (_what, act, message) => {
    expect(act).toThrow(expect.objectContaining({ code: 'invalid-option', message }) as Error);
  });

  it('an enrolment from nothing, or with nothing', async () => {
    const enrolWith = (network: unknown, sources: unknown): Promise<unknown> =>
      enroll(network as never, { name: 'alice', sources } as never);
    await expect(enrolWith(null, [source])).rejects.toThrow(
      'enroll: option "model": expected a SpeakerModel, received null',
    );
    await expect(enrolWith(model, [null])).rejects.toThrow(
      'enroll: option "sources.0": expected an AudioSource, such as fromFile gives, received null',
    );
  });

  it('and right ones are taken', () => {
    expect(() => identifyWith(source, { model, scoring })).not.toThrow();
    expect(() => trackerWith({ speakers: [], model, scoring })).not.toThrow();
  });
});
