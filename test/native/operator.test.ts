import { from, lastValueFrom, Subject, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { FeatureWindow } from '../../src/fbank/types.js';
import {
  embeddings,
  type EmbeddedWindow,
  type WindowEmbedder,
  type WindowEmbedding,
} from '../../src/native/index.js';
import { Demand } from '../../src/stream/demand.js';

function window(index: number, speechRatio = 1, frames = 148): FeatureWindow {
  const startSample = index * 8000;
  return {
    startSample,
    endSample: startSample + 24_000,
    frames,
    features: new Float32Array(frames * 80).fill(index),
    speechRatio,
    step: { startSample, endSample: startSample + 8000, speech: new Uint8Array(50) },
  };
}

/** Answers when told to, with the window's own index. */
class SlowEmbedder implements WindowEmbedder {
  readonly waiting: { index: number; resolve: (v: WindowEmbedding) => void; reject: (e: Error) => void }[] =
    [];
  embedWindow({ features }: FeatureWindow): Promise<WindowEmbedding> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ index: features[0]!, resolve, reject });
    });
  }
  answer(index: number): void {
    this.waiting
      .find((call) => call.index === index)!
      .resolve({ embedding: Float32Array.of(index), overlap: index / 10 });
  }
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('embeddings', () => {
  it('keeps the order, whatever the order of the answers, and submits at once', async () => {
    const model = new SlowEmbedder();
    const result = lastValueFrom(from([window(1), window(2), window(3)]).pipe(embeddings(model), toArray()));
    expect(model.waiting).toHaveLength(3);
    model.answer(3);
    model.answer(1);
    await settle();
    model.answer(2);
    expect((await result).map(({ embedding }) => embedding?.[0])).toEqual([1, 2, 3]);
    expect((await result).map(({ overlap }) => overlap)).toEqual([0.1, 0.2, 0.3]);
  });

  it('passes on what holds too little speech, in its place, without asking the network', async () => {
    const model = new SlowEmbedder();
    const windows = [window(1, 0.1), window(2), window(3, 1, 20), window(4, 0)];
    const result = lastValueFrom(from(windows).pipe(embeddings(model), toArray()));
    expect(model.waiting.map(({ index }) => index)).toEqual([2]);
    model.answer(2);
    const out = await result;
    expect(out.map(({ embedding }) => embedding === null)).toEqual([true, false, true, true]);
    expect(out.map(({ step }) => step)).toEqual(windows.map(({ step }) => step));
  });

  it('holds demand from submission to completion', async () => {
    const model = new SlowEmbedder();
    const demand = new Demand(2);
    const windows = new Subject<FeatureWindow>();
    const out: EmbeddedWindow[] = [];
    windows
      .pipe(embeddings(model, { demand, minSpeechRatio: 0.5 }))
      .subscribe((embedded) => out.push(embedded));
    windows.next(window(1));
    windows.next(window(2));
    windows.next(window(3, 0.4));
    expect(demand.outstanding).toBe(2);
    model.answer(2);
    await settle();
    expect(demand.outstanding).toBe(1);
    expect(out).toHaveLength(0);
    model.answer(1);
    await settle();
    expect(demand.outstanding).toBe(0);
    expect(out).toHaveLength(3);
  });

  it('ends with the first error and gives all demand back', async () => {
    const model = new SlowEmbedder();
    const demand = new Demand(4);
    const result = lastValueFrom(from([window(1), window(2)]).pipe(embeddings(model, { demand })));
    for (const call of model.waiting) call.reject(new Error(`no ${call.index}`));
    await expect(result).rejects.toThrow('no 1');
    expect(demand.outstanding).toBe(0);
  });

  it('refuses an unknown option', () => {
    expect(() => embeddings(new SlowEmbedder(), { minSpeech: 0.5 } as object)).toThrow(
      expect.objectContaining({ code: 'invalid-option' }),
    );
  });
});
