import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { oggPage } from '../../../src/stream/file/ogg-page.js';
import { crc } from '../flac-file.js';
import { hear } from './hear.js';

const fixture = (name: string): Buffer => readFileSync(join(import.meta.dirname, '../fixtures', name));

function pagesOf(bytes: Buffer): Buffer[] {
  const pages: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const lacing = bytes.subarray(at + 27, at + 27 + bytes[at + 26]!);
    const end = at + 27 + lacing.length + lacing.reduce((sum, size) => sum + size, 0);
    pages.push(Buffer.from(bytes.subarray(at, end)));
    at = end;
  }
  return pages;
}

/** Changes a page, and its checksum to fit. */
function changed(page: Buffer, change: (copy: Buffer) => void): Buffer {
  const copy = Buffer.from(page);
  change(copy);
  copy.writeUInt32LE(0, 22);
  copy.writeUInt32LE(crc(copy, 32, 0x04c11db7), 22);
  return copy;
}

/** Both have two pages of headers, then pages of a second; Vorbis with its first samples at 0, Opus with 312 to skip. */
const HEADERS = 2;
const RATE_HZ = 48_000;

/** Pages from `first` on are heard so much later. */
function later(pages: readonly Buffer[], first: number, seconds: number): Buffer[] {
  return pages.map((page, i) =>
    i < first
      ? page
      : changed(page, (copy) => {
          copy.writeBigInt64LE(copy.readBigInt64LE(6) + BigInt(seconds * RATE_HZ), 6);
        }),
  );
}

describe.each(['stereo-48000.ogg', 'stereo-48000.opus'])('%s', (name) => {
  const pages = pagesOf(fixture(name));

  it('keeps its time where it has a hole', async () => {
    const { runs, error } = await hear(Buffer.concat(later(pages, HEADERS + 1, 1.5)));
    expect(error).toBeNull();
    expect(runs).toHaveLength(2);
    expect(runs[0]![1]).toBeCloseTo(1, 1);
    expect(runs[1]![0]).toBeCloseTo(2.5, 1);
    expect(runs[1]![1]).toBeCloseTo(3.5, 2);
  });

  it('keeps its time where a page is missing', async () => {
    const { runs, error } = await hear(Buffer.concat(pages.filter((_, i) => i !== HEADERS)));
    expect(error).toBeNull();
    expect(runs).toHaveLength(1);
    expect(runs[0]![0]).toBeCloseTo(1, 1);
    expect(runs[0]![1]).toBeCloseTo(2, 2);
  });

  it('begins late where it says so, and at 0 where it was cut out of a broadcast', async () => {
    const late = await hear(Buffer.concat(later(pages, HEADERS, 2.5)));
    expect(late.runs).toEqual([[expect.closeTo(2.5, 2), expect.closeTo(4.5, 2)]]);
    const cut = await hear(Buffer.concat(later(pages, HEADERS, 7200)));
    expect(cut.error).toBeNull();
    expect(cut.runs).toEqual([[0, expect.closeTo(2, 2)]]);
  });

  it('is found beside video, in its own time', async () => {
    const serial = (page: Buffer): Buffer => changed(page, (copy) => copy.writeUInt32LE(77, 14));
    const head = serial(oggPage(Buffer.from('\x80theora and what it needs', 'latin1'), 0));
    const video = changed(serial(oggPage(Buffer.alloc(300), 1)), (copy) =>
      copy.writeBigInt64LE(2n ** 40n, 6),
    );
    const mixed = [head, pages[0]!, ...pages.slice(1).flatMap((page) => [video, page]), video];
    const plain = await hear(Buffer.concat(pages));
    expect(plain.durationSamples).toBe(32_000);
    expect(await hear(Buffer.concat(mixed))).toEqual(plain);
  });
});
