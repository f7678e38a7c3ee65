import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { lastValueFrom, toArray } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cache } from '../../measure/accuracy/embed.js';
import { linto } from '../../measure/protocols/linto.js';
import { main, type ProtocolInput } from '../../measure/protocols/main.js';
import { figuresOf, openSet, type Search } from '../../measure/protocols/open-set.js';
import { framesOf, picovoice } from '../../measure/protocols/picovoice.js';
import { turnsOfEvents, wavBytes, type Turn } from '../../src/evaluate/index.js';
import {
  cosineSimilarity,
  diarize,
  enroll,
  fromFile,
  fromSamples,
  identify,
  isUnknownLabel,
  loadModel,
  readAll,
  type IdentifyEvent,
  type Profile,
  type SpeakerModel,
} from '../../src/index.js';
import { asNorm, Cohort } from '../../src/scoring/cohort.js';
import { AUDIO } from '../helpers.js';
import { tentativeOf } from '../events/build.js';

const RATE = 16_000;
const folder = mkdtempSync(join(tmpdir(), 'whospeaks-protocols-'));
let model: SpeakerModel;
/** By name; `dora` is bob, faster. */
const voices: Record<string, Float32Array> = {};

beforeAll(async () => {
  model = await loadModel();
  const meeting = await readAll(fromFile(`${AUDIO}/meeting.wav`));
  for (const name of ['alice', 'bob']) voices[name] = await readAll(fromFile(`${AUDIO}/${name}.wav`));
  voices['carol'] = joined([meeting.slice(246_700, 323_600), meeting.slice(492_600, 551_300)]);
  voices['dora'] = faster(voices['bob']!, 1.3);
});
afterAll(() => {
  model.close();
});

const input = (path: string, options: Partial<ProtocolInput['options']> = {}): ProtocolInput => ({
  folder: path,
  hearing: { model, cache: new Cache(join(folder, 'cache')) },
  options: { every: 1, ...options },
});

function save(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

function joined(pieces: readonly Float32Array[]): Float32Array {
  return Float32Array.from(pieces.flatMap((piece) => [...piece]));
}

function faster(samples: Float32Array, times: number): Float32Array {
  return Float32Array.from(
    { length: Math.floor(samples.length / times) },
    (_, i) => samples[Math.floor(i * times)]!,
  );
}

/** Cells of the table's rows, by their first. */
function rowsOf(text: string): Map<string, string[]> {
  const rows = text
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.slice(2, -2).split(' | '));
  return new Map(rows.map(([name, ...cells]) => [name!, cells]));
}

const hearAgain = (profiles: readonly Profile[], path: string): Promise<IdentifyEvent[]> =>
  lastValueFrom(identify(fromFile(path), { model, speakers: profiles }).pipe(toArray()));

/** Speech by parts of a second, apart from all code that is measured here. */
function ticks(
  turns: readonly { startSeconds: number; endSeconds: number }[],
  length: number,
  parts: number,
): Uint8Array {
  const grid = new Uint8Array(length);
  for (const { startSeconds, endSeconds } of turns)
    grid.fill(1, Math.round(startSeconds * parts), Math.round(endSeconds * parts));
  return grid;
}

describe("Picovoice's benchmark", () => {
  it('tells a frame by what is known as it ends', () => {
    const at = (seconds: number): number => Math.round(seconds * RATE);
    const told = (revision: number, end: number, speaker: string): IdentifyEvent =>
      tentativeOf({ turn: 0, revision, speaker, start: 0, end });
    const events: IdentifyEvent[] = [
      told(0, 0.4, 'unknown'),
      told(1, 0.6, 'enrolled'),
      { type: 'silence', startSample: at(0.9), atSample: at(1) },
      { type: 'end', endSample: at(1.5) },
    ];
    // Frames 1 to 15; the 7th ends at 0.672 s, the 10th at 0.96 s, the 11th, in silence, at 1.056 s.
    expect(framesOf(events, at(1.5)).map(({ endSeconds }) => Math.round(endSeconds / 0.096))).toEqual([
      7, 8, 9, 10,
    ]);
  });

  it('enrols each speaker from the first 15 s and scores the whole recording', async () => {
    const gap = new Float32Array(RATE);
    const [alice, bob] = [voices['alice']!, voices['bob']!];
    const cast = ['alice', 'bob', 'alice', 'bob', 'alice'];
    const pieces = cast.flatMap((name) => [voices[name]!, gap]);
    const path = save('vox/audio/talk.wav', wavBytes(joined(pieces)));
    let at = 0;
    const turns = cast.map((speaker): Turn => {
      const [startSeconds, length] = [at, voices[speaker]!.length / RATE];
      at += length + 1;
      return { speaker, startSeconds, endSeconds: startSeconds + length };
    });
    const lines = turns.map(
      ({ speaker, startSeconds, endSeconds }) =>
        `SPEAKER talk 1 ${startSeconds} ${endSeconds - startSeconds} <NA> <NA> ${speaker} <NA> <NA>\n`,
    );
    save('vox/labels/talk.rttm', lines.join(''));
    const text = await picovoice(
      input(join(folder, 'vox/audio'), { references: join(folder, 'vox/labels') }),
    );
    // Alice speaks 34 s, Bob 25 s.
    expect(text).toContain('1 recordings, 1 enrolled speakers; left out: 1 with less than 30 s, 0 whom');

    const own = turns.filter(({ speaker }) => speaker === 'alice');
    const sound = joined([alice, alice]);
    const profile = await enroll(model, { name: 'enrolled', sources: [fromSamples(sound)] });
    const events = await hearAgain([profile], path);
    const length = Math.round(at * 1e4) + 1e4;
    const truth = ticks(own, length, 1e4);
    const answers = {
      'whospeaks, as each frame ends': framesOf(events, joined(pieces).length),
      'whospeaks, final turns': turnsOfEvents(events, { speech: true }).filter(
        ({ speaker }) => speaker === 'enrolled',
      ),
    };
    for (const [name, answer] of Object.entries(answers)) {
      const grid = ticks(answer, length, 1e4);
      const scored = (i: number): boolean => i >= first && i < last;
      const first = Math.min(truth.indexOf(1), grid.indexOf(1));
      const last = Math.max(truth.lastIndexOf(1), grid.lastIndexOf(1)) + 1;
      const count = (is: (i: number) => boolean): number => truth.filter((_, i) => scored(i) && is(i)).length;
      const right = count((i) => truth[i] === grid[i]);
      const wrong = count((i) => truth[i] !== grid[i]);
      const [accuracy, error] = rowsOf(text)
        .get(name)!
        .map((cell) => Number(cell.slice(0, -1)));
      expect(accuracy).toBeCloseTo((100 * right) / (right + wrong), 1);
      expect(error).toBeCloseTo((100 * wrong) / truth.filter((one) => one === 1).length, 1);
      // Anything like this can only come of the right voice.
      expect(accuracy).toBeGreaterThan(80);
    }
    expect(bob.length * 2).toBeLessThan(30 * RATE);
  });
});

describe("LinTO's benchmark", () => {
  it('has the error of who is enrolled, unknown labels as the speakers who are not', async () => {
    const audio = `${AUDIO}/meeting.wav`;
    const profiles = new Map<string, Profile>();
    for (const [name, samples] of Object.entries(voices)) {
      const path = save(`voices/${name}/a.wav`, wavBytes(samples));
      profiles.set(name, await enroll(model, { name, sources: [fromFile(path)] }));
    }
    save('linto/meeting.wav', wavBytes(await readAll(fromFile(audio))));
    const reference: Turn[] = [
      ['alice', 0.6, 3.988],
      ['bob', 4.488, 10.053],
      ['alice', 10.752, 15.014],
      ['carol', 15.414, 20.23],
      ['bob', 20.83, 25.442],
      ['alice', 25.942, 29.581],
      ['carol', 30.782, 34.46],
      ['bob', 34.96, 39.484],
    ].map(([speaker, start, end]) => ({
      speaker: String(speaker),
      startSeconds: Number(start),
      endSeconds: Number(end),
    }));
    const rttm = reference.map(
      ({ speaker, startSeconds, endSeconds }) =>
        `SPEAKER meeting 1 ${startSeconds} ${(endSeconds - startSeconds).toFixed(3)} <NA> <NA> ${speaker} <NA> <NA>\n`,
    );
    save('linto/meeting.rttm', rttm.join(''));
    const text = await linto(input(join(folder, 'linto'), { speakers: join(folder, 'voices') }));
    const rows = rowsOf(text);
    expect(rows.get('engine')).toEqual([
      '100% known, 0% absent',
      '100% known, 25% absent',
      '50% known, 0% absent',
      '50% known, 33% absent',
      '0% known, 100% absent',
    ]);
    const settings = [
      ['alice', 'bob', 'carol'],
      ['alice', 'bob', 'carol', 'dora'],
      ['alice', 'bob'],
      ['alice', 'bob', 'dora'],
      ['dora'],
    ];
    const segments = async (speakers: readonly Profile[], count: { speakers?: number }): Promise<Turn[]> =>
      (await diarize(model, fromFile(audio), { profiles: speakers, ...count })).segments.map(
        ({ speaker, start, end }) => ({ speaker, startSeconds: start, endSeconds: end }),
      );
    const expectRate = (system: string, i: number, turns: readonly Turn[]): void => {
      const rate = 100 * leastError(reference, turns, settings[i]!);
      expect(Number(rows.get(system)![i])).toBeCloseTo(rate, 1);
    };
    for (const [i, names] of settings.entries()) {
      const speakers = names.map((name) => profiles.get(name)!);
      const events = await hearAgain(speakers, audio);
      expectRate('listen', i, turnsOfEvents(events, { corrected: true, others: true, speech: true }));
      if (i === 2) expectRate('diarize', i, await segments(speakers, {}));
      if (i === 4)
        expectRate('diarize, given number of speakers', i, await segments(speakers, { speakers: 3 }));
    }
    // A voice that is enrolled must be found by its name.
    expect(Number(rows.get('listen')![0])).toBeLessThan(15);
    await expect(linto(input(join(folder, 'linto')))).rejects.toThrow(/--speakers/);
    await expect(linto(input(join(folder, 'linto'), { speakers: join(folder, 'empty') }))).rejects.toThrow(
      /empty/,
    );
  });
});

/** The benchmark's own way: every assignment of unknown labels to speakers who are not enrolled is tried. */
function leastError(
  reference: readonly Turn[],
  hypothesis: readonly Turn[],
  enrolled: readonly string[],
): number {
  const labels = [...new Set(hypothesis.map(({ speaker }) => speaker))].filter(isUnknownLabel);
  const strangers = [...new Set(reference.map(({ speaker }) => speaker))].filter(
    (name) => !enrolled.includes(name),
  );
  const assignments = (left: readonly string[], free: readonly string[]): Map<string, string>[] => {
    const [label, ...rest] = left;
    if (label === undefined) return [new Map<string, string>()];
    const none = assignments(rest, free);
    const some = free.flatMap((name) =>
      assignments(
        rest,
        free.filter((other) => other !== name),
      ).map((mapping) => new Map([...mapping, [label, name]])),
    );
    return [...none, ...some];
  };
  const length = 41_000;
  const grids = (turns: readonly Turn[]): Map<string, Uint8Array> =>
    new Map(
      [...new Set(turns.map(({ speaker }) => speaker))].map((name) => [
        name,
        ticks(
          turns.filter(({ speaker }) => speaker === name),
          length,
          1e3,
        ),
      ]),
    );
  const truth = grids(reference);
  const answer = grids(hypothesis);
  return Math.min(
    ...assignments(labels, strangers).map((mapping) => {
      let [wrong, total] = [0, 0];
      for (let i = 0; i < length; i++) {
        let [n, m, right] = [0, 0, 0];
        for (const grid of truth.values()) n += grid[i]!;
        for (const [label, grid] of answer) {
          m += grid[i]!;
          if (grid[i] === 1 && truth.get(mapping.get(label) ?? label)?.[i] === 1) right++;
        }
        total += n;
        // Missed, false alarms and confused.
        wrong += Math.max(n, m) - right;
      }
      return wrong / total;
    }),
  );
}

describe('open-set identification', () => {
  it('lets so many strangers pass, and no more', () => {
    const strangers = Array.from({ length: 20 }, (_, i): Search => ({ score: i / 20, is: 'stranger' }));
    const listed: Search[] = [
      { score: 0.96, is: 'found' },
      { score: 0.91, is: 'found' },
      { score: 0.88, is: 'found' },
      { score: 0.99, is: 'another' },
    ];
    const { falseNegative, equalErrorRate } = figuresOf([...strangers, ...listed]);
    // Of 20 strangers, at 10 % two pass (0.95, 0.9), and the limit is 0.85; at 5 % one, and it is 0.9; at 1 % none, and it is 0.95.
    expect(falseNegative).toEqual([0.25, 0.5, 0.75, 0.75]);
    // Whoever they are taken for: at 0.9, a quarter of the listed and a tenth of the strangers; at 0.88, none and a tenth.
    expect(equalErrorRate).toBeCloseTo(0.1, 9);
    expect(() => figuresOf(listed)).toThrow(/and others/);
  });

  it('searches watchlists by cosine and after AS-norm', async () => {
    const gallery: string[] = [];
    const probe: string[] = [];
    const sounds = new Map<string, Float32Array>();
    for (const [name, samples] of Object.entries(voices)) {
      const pieces = Math.floor(samples.length / 40_000);
      for (let i = 0; i < pieces; i++) {
        const id = `${name}/video/${i}`;
        const piece = samples.slice(40_000 * i, 40_000 * (i + 1));
        sounds.set(id, piece);
        save(`open/wav/${id}.wav`, wavBytes(piece));
        (i < 1 && name !== 'dora' ? gallery : probe).push(`${id} ${name}`);
      }
    }
    save('open/gallery', `${gallery.join('\n')}\n`);
    save('open/probe', probe.join('\n'));
    const options = { audio: join(folder, 'open/wav'), sizes: '2,3' };
    const text = await openSet(input(join(folder, 'open'), options));
    const rows = text
      .split('\n')
      .slice(2)
      .map((line) => line.slice(2, -2).split(' | '));
    expect(rows.map(([size, scoring]) => `${size} ${scoring}`)).toEqual([
      '2 cosine',
      '2 AS-norm',
      '3 cosine',
      '3 AS-norm',
    ]);
    const cohort = new Cohort(model.cohort!);
    const embed = (id: string): Promise<Float32Array> => model.embed(readBack(sounds.get(id)!), RATE);
    for (const [size, scoring, counts, , , atOne] of rows) {
      const list = gallery.slice(0, Number(size)).map((line) => line.split(' '));
      const found: { score: number; own: boolean; listed: boolean }[] = [];
      for (const [id, name] of probe.map((line) => line.split(' '))) {
        const isListed = list.some(([, other]) => other === name);
        if (!isListed && name !== 'dora') continue;
        const said = await embed(id!);
        const scores: { score: number; other: string }[] = [];
        for (const [enrolled, other] of list) {
          const vector = await embed(enrolled!);
          const cosine = cosineSimilarity(said, vector);
          const score =
            scoring === 'cosine' ? cosine : asNorm(cosine, cohort.stats(vector), cohort.stats(said));
          scores.push({ score, other: other! });
        }
        const best = scores.sort((a, b) => b.score - a.score)[0]!;
        found.push({ score: best.score, own: best.other === name, listed: isListed });
      }
      const strangers = found.filter(({ listed }) => !listed);
      const listed = found.filter((one) => one.listed);
      expect(counts).toBe(`${listed.length} + ${strangers.length}`);
      // Of so few strangers none may pass at 1 %.
      const limit = Math.max(...strangers.map(({ score }) => score));
      const missed = listed.filter(({ score, own }) => !own || score <= limit).length / listed.length;
      expect(atOne).toBe(`${(100 * missed).toFixed(2)} %`);
    }
    await expect(openSet(input(join(folder, 'open'), { ...options, sizes: '4' }))).rejects.toThrow(
      /--sizes 4/,
    );
    await expect(openSet(input(join(folder, 'open')))).rejects.toThrow(
      /no such recording: .*alice\/video\/0/,
    );
  });
});

/** As a file of 16 bits gives it back. */
function readBack(samples: Float32Array): Float32Array {
  return samples.map((value) => Math.max(-1, Math.min(32767 / 32768, Math.round(value * 32768) / 32768)));
}

it('refuses a protocol that there is not, and one without data', async () => {
  await expect(main(['--protocol', 'none', '.'])).rejects.toThrow(
    /expected one of picovoice, linto, open-set/,
  );
  await expect(main(['--protocol', 'linto'])).rejects.toThrow(/name the folder/);
});
