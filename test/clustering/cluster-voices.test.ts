import { describe, expect, it } from 'vitest';
import { Breather } from '../../src/clustering/breather.js';
import { clusterVoices } from '../../src/clustering/cluster-voices.js';
import { DIARIZATION } from '../../src/clustering/settings.js';
import { randomSource } from '../../measure/random-model.js';
import type { Profile } from '../../src/speakers/profile.js';
import { heardOf, people, recordingOf, type Script } from './voices.js';

const MODEL = { name: 'test', fingerprint: 'f' };
const voices = people(5);
const { stepFrames } = DIARIZATION;

/** Three people in turn, two of them in each window, for 5 minutes. */
const scripts: Script[] = Array.from({ length: 60 }, (_, w) => [
  [w % 3, 0, 280],
  [(w + 1) % 3, 300, 589],
]);
const recording = recordingOf(scripts, voices, stepFrames);

function profileOf(name: string, centroid: Float32Array): Profile {
  return {
    name,
    model: MODEL,
    dimension: centroid.length,
    centroid,
    exemplars: [],
    speechSeconds: 10,
    recordings: 1,
    consistency: 1,
  };
}

const cluster = (options: Partial<Parameters<typeof clusterVoices>[1]> = {}) =>
  clusterVoices(recording, {
    model: MODEL,
    breather: new Breather(),
    profiles: [],
    least: 1,
    most: 1000,
    settings: DIARIZATION,
    ...options,
  });

/** By person: the speakers that it was taken for. */
function takenFor(assignments: Awaited<ReturnType<typeof cluster>>['assignments']): Set<number>[] {
  return [0, 1, 2].map(
    (person) =>
      new Set(
        scripts.flatMap((script, w) =>
          script.flatMap(([who], i) => (who === person ? [assignments[w]![i]!.speaker] : [])),
        ),
      ),
  );
}

/** Lets others have their turn whenever it is asked. */
class Always extends Breather {
  turns = 0;
  override get isDue(): boolean {
    return true;
  }
  override breathe(): Promise<void> {
    this.turns++;
    return super.breathe();
  }
}

describe('clusterVoices', () => {
  it('lets others have their turn, which changes nothing, and stops where it is told to', async () => {
    const breather = new Always();
    const told = await cluster({ breather });
    expect(breather.turns).toBeGreaterThan(100);
    expect(told).toEqual(await cluster());
    const stop = new AbortController();
    const stopped = cluster({ breather: new Always(stop.signal) });
    stop.abort(new Error('enough'));
    await expect(stopped).rejects.toThrow('enough');
  });

  it('finds how many there are, and whose each stretch is', async () => {
    const { speakers, assignments } = await cluster();
    expect(speakers).toHaveLength(3);
    const taken = takenFor(assignments);
    expect(taken.every(({ size }) => size === 1)).toBe(true);
    expect(new Set(taken.flatMap((set) => [...set])).size).toBe(3);
    expect(assignments.flat().every(({ probability }) => probability > 0.5 && probability <= 1)).toBe(true);
  });

  it.each([1, 2, 4])('gives %i speakers where so many are asked for', async (count) => {
    expect((await cluster({ least: count, most: count })).speakers).toHaveLength(count);
  });

  it('keeps a bound on either side', async () => {
    expect((await cluster({ most: 2 })).speakers).toHaveLength(2);
    expect((await cluster({ least: 5 })).speakers.length).toBeGreaterThanOrEqual(5);
  });

  it('names the enrolled, and nobody who is not there', async () => {
    const { speakers } = await cluster({
      profiles: [profileOf('ann', voices[1]!), profileOf('bob', voices[4]!)],
    });
    expect(speakers.map(({ profile }) => profile?.name ?? '?').sort()).toEqual(['?', '?', 'ann']);
  });

  it('names an enrolled speaker who says nearly all of it', async () => {
    // Of another session: heard of nobody's profile more than of this one, but not near it.
    const random = randomSource(3);
    const enrolled = voices.map((voice, i) => profileOf(`speaker-${i}`, heardOf(voice, random, 0.9)));
    const one: Script[] = Array.from({ length: 80 }, (_, w) => [
      [w % 8 === 7 ? 1 + ((w >> 3) % 4) : 0, 0, 500],
    ]);
    const { speakers } = await clusterVoices(recordingOf(one, voices, stepFrames), {
      model: MODEL,
      breather: new Breather(),
      profiles: enrolled,
      least: 1,
      most: 1000,
      settings: DIARIZATION,
    });
    expect(speakers.map(({ profile }) => profile?.name).sort()).toEqual(enrolled.map(({ name }) => name));
  });

  it('gives two who talk at once to two speakers, though they sound alike', async () => {
    const script: Script[] = Array.from({ length: 20 }, (_, w) =>
      w === 10
        ? [
            [0, 0, 300],
            [2, 100, 300],
          ]
        : [[w % 2, 0, 500]],
    );
    // The third voice is the first one's.
    const heard = recordingOf(script, [voices[0]!, voices[1]!, voices[0]!], stepFrames);
    const { assignments } = await clusterVoices(heard, {
      model: MODEL,
      breather: new Breather(),
      profiles: [],
      least: 2,
      most: 2,
      settings: DIARIZATION,
    });
    const [one, other] = assignments[10]!;
    expect(one!.speaker).not.toBe(other!.speaker);
  });

  it('finds two where two talk at once for a second, and one where there is less', async () => {
    const found = async (frames: number): Promise<number> => {
      const script: Script[] = [
        [
          [0, 0, 300],
          [1, 300 - frames, 400],
        ],
      ];
      const heard = recordingOf(script, [voices[0]!, voices[0]!], stepFrames);
      const { speakers } = await clusterVoices(heard, {
        model: MODEL,
        breather: new Breather(),
        profiles: [],
        least: 1,
        most: 1000,
        settings: { ...DIARIZATION, initialDistance: 1 },
      });
      return speakers.length;
    };
    expect(await found(70)).toBe(2);
    expect(await found(5)).toBe(1);
  });

  it('names an enrolled speaker, once, where another talks into it and is never heard apart', async () => {
    const script: Script[] = Array.from({ length: 20 }, (_, w) =>
      w === 10
        ? [
            [0, 0, 400],
            [1, 300, 400],
          ]
        : [[0, 0, 500]],
    );
    const { speakers } = await clusterVoices(recordingOf(script, [voices[0]!, voices[0]!], stepFrames), {
      model: MODEL,
      breather: new Breather(),
      profiles: [profileOf('ann', voices[0]!), profileOf('bob', voices[4]!)],
      least: 1,
      most: 1000,
      settings: DIARIZATION,
    });
    expect(speakers.map(({ profile }) => profile?.name ?? '?').sort()).toEqual(['?', 'ann']);
  });

  it('says nothing of silence', async () => {
    expect(
      await clusterVoices(recordingOf([[], []], voices, stepFrames), {
        model: MODEL,
        breather: new Breather(),
        profiles: [],
        least: 1,
        most: 9,
        settings: DIARIZATION,
      }),
    ).toEqual({ speakers: [], assignments: [[], []] });
  });
});
