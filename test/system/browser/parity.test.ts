import { lastValueFrom, toArray } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  diarize,
  enroll,
  findSpeakers,
  fromFile,
  fromSamples,
  identify,
  profileFromJson,
  profileToJson,
  readAll,
  SpeakerModel,
  verify,
  type IdentifyEvent,
  type ProfileJson,
} from '../../../src/index.js';
import { AUDIO } from '../../helpers.js';
import { openLab, type Lab } from './lab.js';
import type { Fault, Lab as PageLab } from './page.js';

/** Embeddings are sums in another order: their numbers, and the probabilities made of them, differ that much. */
const TOLERANCE = 1e-5;
const PROBABILITY_TOLERANCE = 1e-3;

let lab: Lab;
let model: SpeakerModel;
let profiles: ProfileJson[];

/** Calls a function of the page. */
function call<Name extends keyof PageLab>(
  name: Name,
  ...args: Parameters<PageLab[Name]>
): Promise<Awaited<ReturnType<PageLab[Name]>>> {
  return lab.page.evaluate(`lab.${name}(...${JSON.stringify(args)})`);
}

beforeAll(async () => {
  lab = await openLab();
  model = await SpeakerModel.fromPretrained(undefined, { engine: 'cpu' });
  const named = ['alice', 'bob'].map((name) =>
    enroll(model, { name, sources: [fromFile(`${AUDIO}/${name}.wav`)] }),
  );
  profiles = (await Promise.all(named)).map(profileToJson);
  await call('load');
});
afterAll(async () => {
  model.close();
  await lab.close();
});

/** Greatest difference of any two numbers at the same place; the rest must be equal. */
function expectAlike(received: unknown, expected: unknown, tolerance: number, path = ''): void {
  if (typeof expected === 'number' && typeof received === 'number') {
    expect(Math.abs(received - expected), path).toBeLessThanOrEqual(tolerance);
  } else if (typeof expected === 'object' && expected !== null) {
    const plain = received as Record<string, unknown>;
    const wanted = expected as Record<string, unknown>;
    expect(Object.keys(plain).sort(), path).toEqual(Object.keys(wanted).sort());
    for (const key of Object.keys(wanted)) expectAlike(plain[key], wanted[key], tolerance, `${path}.${key}`);
  } else {
    expect(received, path).toEqual(expected);
  }
}

/** Labels, times and kinds to the last one; probabilities within a thousandth. */
function expectSameEvents(received: readonly IdentifyEvent[], expected: readonly IdentifyEvent[]): void {
  const told = (event: IdentifyEvent): unknown => {
    const { type } = event;
    const speaker = 'speaker' in event ? event.speaker : undefined;
    const times = Object.entries(event).filter(([key]) => key.endsWith('Sample'));
    return { type, speaker, ...Object.fromEntries(times) };
  };
  expect(received.map(told)).toEqual(expected.map(told));
  expectAlike(received, JSON.parse(JSON.stringify(expected)), PROBABILITY_TOLERANCE);
}

const eventsOf = (source: Parameters<typeof identify>[0], options: object = {}): Promise<IdentifyEvent[]> =>
  lastValueFrom(
    identify(source, { model, speakers: profiles.map(profileFromJson), ...options }).pipe(toArray()),
  );

describe('the browser beside Node', () => {
  it('loads the same network, with vectors, and complains of nothing', async () => {
    const { name, fingerprint, dimension } = model;
    expect(await call('load')).toEqual({ name, fingerprint, dimension, device: 'wasm-relaxed, 1 thread' });
    expect(lab.complaints).toEqual([]);
    expect(lab.site.asked).not.toContain('assets/segmentation.safetensors');
  });

  it('embeds the same to 1e-5', async () => {
    const samples = await readAll(fromFile(`${AUDIO}/alice.wav`));
    expectAlike(await call('embed', 'alice'), Array.from(await model.embed(samples, 16_000)), TOLERANCE);
  });

  it('makes the same profile', async () => {
    const { profile } = await call('enroll', 'alice');
    const received = profileFromJson(profile);
    const expected = profileFromJson(profiles[0]);
    expectAlike(Array.from(received.centroid), Array.from(expected.centroid), TOLERANCE);
    expect(received.exemplars).toHaveLength(expected.exemplars.length);
    expect(received.speechSeconds).toBe(expected.speechSeconds);
  });

  it('tells the same events, to the last label', async () => {
    const expected = await eventsOf(fromFile(`${AUDIO}/meeting.wav`));
    expectSameEvents(await call('identify', 'meeting', profiles), expected);
  });

  it('resamples as Node does', async () => {
    const samples = await readAll(fromFile(`${AUDIO}/meeting.wav`));
    const expected = await eventsOf(fromSamples(samples, 22_050));
    expectSameEvents(await call('identify', 'meeting', profiles, {}, 22_050), expected);
  });

  it('leaves the thread of the page to the page', async () => {
    const { seen, share } = await call('heldShare', 'meeting', profiles);
    expect(seen).toBe(true);
    // A share, not a time: the machine may be busy with others.
    expect(share).toBeLessThan(0.1);
  });

  it('executes commands', async () => {
    const command = { type: 'name', label: 'unknown-1', speaker: 'dana' } as const;
    const events = await call('identifyWith', 'meeting', profiles, command);
    expect(events.filter(({ type }) => type === 'named')).not.toHaveLength(0);
    expect(events.some((event) => event.type === 'final' && event.speaker === 'dana')).toBe(true);
  });

  it('executes commands that are given while a network is loaded', async () => {
    expect(await call('heardEarly', 'alice', profiles)).toEqual(['alice']);
  });

  it('compares voices as Node does', async () => {
    const [alice, bob] = profiles.map(profileFromJson);
    const file = (name: string) => fromFile(`${AUDIO}/${name}.wav`);
    const alike = (received: unknown, expected: unknown): void => {
      expectAlike(received, JSON.parse(JSON.stringify(expected)), PROBABILITY_TOLERANCE);
    };
    const same = await verify(model, file('alice'), alice!);
    expect(same.same).toBe(true);
    alike(await call('verify', 'alice', profiles[0]!), same);
    const others = await verify(model, await readAll(file('alice')), bob!, { falseAcceptRate: 0.05 });
    expect(others.same).toBe(false);
    alike(await call('verify', { samples: 'alice' }, profiles[1]!, 0.05), others);
    const found = await findSpeakers(model, file('bob'), [alice!, bob!], { count: 1 });
    expect(found).toMatchObject({ named: 'bob', speakers: [{ speaker: 'bob' }] });
    alike(await call('findSpeakers', 'bob', profiles, 1), found);
  });

  it('tells the same segments of a whole recording', async () => {
    const speakers = profiles.map(profileFromJson);
    const expected = await diarize(model, fromFile(`${AUDIO}/meeting.wav`), { profiles: speakers });
    const received = await call('diarize', 'meeting', profiles);
    expect(received.segments.map(({ speaker, start, end }) => [speaker, start, end])).toEqual(
      expected.segments.map(({ speaker, start, end }) => [speaker, start, end]),
    );
  });
});

describe('what goes wrong in the browser', () => {
  const code = (fault: Fault | undefined): string => fault?.code ?? 'none';

  it('has the codes of Node', async () => {
    expect(code(await call('identifyFault', { falseAcceptRate: 2 }))).toBe('invalid-option');
    expect(code(await call('identifyFault', { misspelt: 1 }))).toBe('invalid-option');
    expect(code(await call('enrollFault', 'alice', 'alice', 8000))).toBe('speech-too-short');
    expect(code(await call('enrollFault', '', 'alice', 160_000))).toBe('speaker-name');
    expect(code(await call('identifyFault', {}, 'none'))).toBe('invalid-option');
    expect(code(await call('verifyFault', 'alice', profiles[0]))).toBe('invalid-option');
    expect(code(await call('verifyFault', undefined, undefined))).toBe('invalid-option');
    expect(await call('identifyFault', {}, 'broken')).toEqual({
      code: 'microphone-failed',
      message: 'the microphone was pulled out',
    });
  });

  it('closes the source of a stream that is left', async () => {
    expect(await call('leave')).toEqual({ closed: true, blocksAfter: 0 });
  });

  it('stops a recording that is no longer wanted', async () => {
    expect(await call('abortDiarize', 'meeting')).toEqual({ code: 'engine-closed', message: 'left' });
  });

  it('says what cannot be loaded', async () => {
    const assets = (await call('assets')) as Record<string, string>;
    const missing = (change: Record<string, string>): Promise<Fault | undefined> =>
      call('loadFault', { assets: { ...assets, ...change } });
    expect(code(await missing({ wasmRelaxed: '/nowhere.wasm' }))).toBe('addon-missing');
    expect(code(await missing({ wasmRelaxed: '/audio/alice.wav' }))).toBe('engine-unavailable');
    expect(code(await missing({ worker: '/nowhere.js' }))).toBe('engine-failed');
    expect(code(await missing({ model: '/nowhere.safetensors' }))).toBe('model-not-found');
    expect(code(await missing({ model: '/audio/alice.wav' }))).toBe('model-corrupt');
    expect(code(await missing({ cohort: '/audio/alice.wav' }))).toBe('model-corrupt');
  });
});
