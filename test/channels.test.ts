import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { firstValueFrom, lastValueFrom, Subject, tap, toArray } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  fromFile,
  fromReadable,
  fromSamples,
  identify,
  isSpeaking,
  readAll,
  SpeakerModel,
  type AudioSource,
  type FinalEvent,
  type IdentifyEvent,
  type IdentifyOptions,
  type Profile,
  type TrackCommand,
} from '../src/index.js';
import {
  chunks,
  Demand,
  embeddings,
  features,
  frames,
  nativeFrontEnd,
  track,
  windows,
} from '../src/stages.js';
import { exampleSpeakers } from './example-voices.js';
import { AUDIO } from './helpers.js';
import { interleaved, meetingCall, said } from './meeting-channels.js';
import { pcmBytes, wavFile } from './stream/wav-file.js';

let model: SpeakerModel;
let speakers: Profile[];
/** Alice on the left, the others on the right; each is heard on the other side too, more quietly and later. */
let call: [Float32Array, Float32Array];

beforeAll(async () => {
  model = await SpeakerModel.fromPretrained();
  speakers = await exampleSpeakers(model);
  call = await meetingCall(({ speaker }) => (speaker === 'alice' ? 0 : 1), {
    levelDb: -15,
    delaySamples: 130,
  });
});
afterAll(() => {
  model.close();
});

const eventsOf = (source: AudioSource, options: Partial<IdentifyOptions> = {}): Promise<IdentifyEvent[]> =>
  lastValueFrom(identify(source, { model, speakers, ...options }).pipe(toArray()));
const finalsOf = (events: readonly IdentifyEvent[]): FinalEvent[] =>
  events.filter((event) => event.type === 'final');
const whoOn = (finals: readonly FinalEvent[], channel: number): string[] =>
  finals.filter((event) => event.channel === channel).map(({ speaker }) => speaker);
const saidBy = (names: readonly string[]): string[] =>
  said.map(({ speaker }) => speaker).filter((speaker) => names.includes(speaker));

describe('channels that are kept apart', () => {
  it('tell each turn once, on the channel of its speaker, where voices leak into the other', async () => {
    const events = await eventsOf(fromSamples(call));
    const finals = finalsOf(events);
    expect(whoOn(finals, 0)).toEqual(saidBy(['alice']));
    expect(whoOn(finals, 1).map((who) => (who === 'unknown-1' ? 'carol' : who))).toEqual(
      saidBy(['bob', 'carol']),
    );
    for (const { startSample, channel, speaker } of finals) {
      const near = said.filter((turn) => Math.abs(turn.startSample - startSample) < 8000);
      expect(near, `${speaker} on ${channel}`).toHaveLength(1);
    }
    const numbers = finals.map(({ turn }) => turn);
    expect(new Set(numbers).size).toBe(numbers.length);
    for (const event of events) {
      if ('turn' in event || event.type === 'silence') expect([0, 1]).toContain(event.channel);
    }
    expect(events.at(-1)).toEqual({ type: 'end', endSample: call[0].length });
  });

  it('tell a voice that leaks twice where nothing takes it out', async () => {
    const demand = new Demand(8);
    const events = await lastValueFrom(
      chunks(fromSamples(call), demand).pipe(
        frames(),
        features(nativeFrontEnd),
        windows(),
        embeddings(model, { demand }),
        track({ model, speakers }),
        toArray(),
      ),
    );
    expect(finalsOf(events).length).toBeGreaterThan(said.length);
  });

  it('give the same events from a file, a pipe and however the sound is cut', async () => {
    const samples = interleaved(call);
    // What 16 bits keep of it.
    const wav = wavFile({ rateHz: 16_000, channels: 2, encoding: 's16le', samples });
    const path = join(mkdtempSync(join(tmpdir(), 'whospeaks-channels-')), 'call.wav');
    writeFileSync(path, wav);
    const pcm = pcmBytes('s16le', samples);
    const format = { encoding: 's16le', sampleRateHz: 16_000, channels: 2, audio: 'channels' } as const;
    const cuts = [pcm.subarray(0, 9999), pcm.subarray(9999, 400_001), pcm.subarray(400_001)];
    const expected = await eventsOf(fromFile(path, { audio: 'channels' }));
    expect(await eventsOf(fromReadable(Readable.from(cuts), format))).toEqual(expected);
    expect(finalsOf(expected).map(({ speaker }) => speaker)).toEqual(
      finalsOf(await eventsOf(fromSamples(call))).map(({ speaker }) => speaker),
    );
  });

  it('give an unknown speaker one label on both, other speakers other ones, and one name', async () => {
    // Carol's first turn is on the left, her second on the right.
    const carols = said.filter(({ speaker }) => speaker === 'carol');
    const both = await meetingCall((turn) => (turn.speaker === 'alice' || turn === carols[0] ? 0 : 1));
    let carolLabel: string | undefined;
    const commands = new Subject<TrackCommand>();
    const events = await lastValueFrom(
      identify(fromSamples(both), { model, commands }).pipe(
        tap(({ type }) => {
          if (type === 'end') commands.next({ type: 'name', label: carolLabel!, speaker: 'carol' });
        }),
        tap((event) => {
          if (event.type === 'final' && Math.abs(event.startSample - carols[0]!.startSample) < 8000)
            carolLabel = event.speaker;
        }),
        toArray(),
      ),
    );
    const finals = finalsOf(events);
    expect(finals).toHaveLength(said.length);
    const byVoice = new Map<string, Set<string>>();
    for (const { speaker, startSample } of said) {
      const { speaker: label } = finals.find((turn) => Math.abs(turn.startSample - startSample) < 8000)!;
      byVoice.set(speaker, (byVoice.get(speaker) ?? new Set()).add(label));
    }
    const labels = [...byVoice.values()].map((each) => [...each]);
    expect(labels.every((each) => each.length === 1)).toBe(true);
    expect(new Set(labels.flat())).toEqual(new Set(['unknown-1', 'unknown-2', 'unknown-3']));
    const renamed = events.filter((event) => event.type === 'correction' && event.speaker === 'carol');
    expect(renamed.map((event) => ('turn' in event ? event.channel : undefined))).toEqual([0, 1]);
  });

  it('obey a command about a turn of either', async () => {
    const commands = new Subject<TrackCommand>();
    let turn: number | undefined;
    const events = await lastValueFrom(
      identify(fromSamples(call), { model, speakers, commands }).pipe(
        tap((event) => {
          if (event.type !== 'final' || event.channel !== 1 || turn !== undefined) return;
          ({ turn } = event);
          commands.next({ type: 'assign', turn, speaker: 'alice' });
        }),
        toArray(),
      ),
    );
    const [answer] = events.filter((event) => event.type === 'correction' && event.turn === turn);
    expect(answer).toMatchObject({ speaker: 'alice', channel: 1, probability: 1 });
  });

  it('that are one sound are told on the first alone, and that is said once', async () => {
    const meeting = await readAll(fromFile(`${AUDIO}/meeting.wav`));
    const events = await eventsOf(fromSamples([meeting, meeting]));
    const plain = finalsOf(await eventsOf(fromSamples(meeting)));
    expect(whoOn(finalsOf(events), 1)).toEqual([]);
    expect(whoOn(finalsOf(events), 0)).toEqual(plain.map(({ speaker }) => speaker));
    const warnings = events.filter((event) => event.type === 'warning');
    expect(warnings.map(({ code }) => code)).toEqual(['channels-alike']);
  });

  it('are as a mix where there is one', async () => {
    const format = { encoding: 's16le', sampleRateHz: 16_000 } as const;
    const pcm = pcmBytes('s16le', call[0]);
    const of = (audio: 'mix' | 'channels'): Promise<IdentifyEvent[]> =>
      eventsOf(fromReadable(Readable.from([pcm]), { ...format, audio }));
    expect(await of('channels')).toEqual(await of('mix'));
  });

  it('are refused where there are too many, or of different lengths', async () => {
    const nine = new Array(9).fill(new Float32Array(16_000)) as Float32Array[];
    expect(() => fromSamples(nine)).toThrow(expect.objectContaining({ code: 'invalid-option' }));
    expect(() => fromSamples([new Float32Array(2), new Float32Array(3)])).toThrow(/of one length/);
    const source = fromReadable(Readable.from([Buffer.alloc(1800)]), {
      encoding: 's16le',
      sampleRateHz: 16_000,
      channels: 9,
      audio: 'channels',
    });
    await expect(eventsOf(source)).rejects.toMatchObject({ code: 'audio-format' });
    expect(() => fromFile('a.wav', { channel: 0, audio: 'channels' })).toThrow(/where one channel is chosen/);
  });
});

describe('operators on the events of two channels', () => {
  it('isSpeaking() decides the turns of each', async () => {
    const decisions = await firstValueFrom(
      identify(fromSamples(call), { model, speakers }).pipe(isSpeaking('alice', { within: 1.5 }), toArray()),
    );
    const last = new Map(decisions.map(({ turn, is }) => [turn, is]));
    expect([...last.values()].filter(Boolean)).toHaveLength(saidBy(['alice']).length);
    expect([...last].filter(([turn, is]) => is && turn % 2 === 1)).toEqual([]);
  });
});
