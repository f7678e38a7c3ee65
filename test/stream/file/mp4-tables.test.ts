import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ByteReader } from '../../../src/stream/file/byte-reader.js';
import { bytesInMemory } from '../../../src/stream/file/byte-source.js';
import { readMovie } from '../../../src/stream/file/mp4/movie.js';
import { box, makeMp4, soundTables, words, type Tables } from './mp4-file.js';

const check = (bytes: Buffer): Promise<unknown> =>
  readMovie(new ByteReader(bytesInMemory(bytes, 'a.m4a')), 0, bytes.length);
const MANY = 0xffff_ffff;
const run = (flags: number, count: number): Buffer =>
  box('moof', box('traf', box('tfhd', words(0, 1)), box('trun', words(flags, count))));

describe('the tables of an m4a', () => {
  it('that agree are let through', async () => {
    await check(makeMp4(soundTables));
    await check(makeMp4({ ...soundTables, stsz: words(0, 0, 8, ...Array.from({ length: 8 }, () => 10)) }));
    await check(makeMp4({}, { fragments: run(0, 100) }));
    for (const name of ['stereo-44100.m4a', 'faststart.m4a', 'alac.m4a'])
      await check(readFileSync(join(import.meta.dirname, '../fixtures', name)));
  });

  it.each<[string, Tables]>([
    ['samples in a chunk', { stsc: words(0, 1, 1, MANY, 1) }],
    ['samples in all chunks', { stsc: words(0, 2, 1, 4, 1, 2, 60_000, 1) }],
    ['chunks before the last ones', { stsc: words(0, 2, 1, 8, 1, 1_000_000, 4, 1) }],
    ['chunks of nothing', { stsc: words(0, 2, 1, 0, 1, MANY, 4, 1) }],
    ['chunks, out of order', { stsc: words(0, 2, 5, 8, 1, 1, 4, 1) }],
    ['entries of stsc', { stsc: words(0, MANY, 1, 4, 1) }],
    ['samples of one size', { stsz: words(0, 10, MANY) }],
    ['samples of sizes that are not there', { stsz: words(0, 0, 5000, 10) }],
    ['samples of sizes of 4 bits', { stsz: words(0, 10, 8), stz2: words(0, 4, MANY) }],
    ['samples of a time', { stts: words(0, 1, MANY, 1024) }],
    ['entries of stts', { stts: words(0, MANY, 8, 1024) }],
    ['samples with an offset', { ctts: words(0, 1, MANY, 0) }],
    ['entries of ctts', { ctts: words(0, MANY) }],
    ['chunks', { stco: words(0, MANY, 40) }],
    ['chunks far into the file', { co64: words(0, MANY, 0, 40) }],
    ['key samples', { stss: words(0, MANY, 1) }],
  ])('that count too many %s are refused', async (_, wrong) => {
    await expect(check(makeMp4({ ...soundTables, ...wrong }))).rejects.toMatchObject({
      code: 'audio-corrupt',
    });
  });

  it.each([
    ['with no field of their own', run(0, MANY)],
    ['with fields that are not there', run(0x200, 100)],
    ['together', Buffer.concat(Array.from({ length: 10 }, () => run(0, 10_000)))],
  ])('of fragments that count too many samples %s are refused', async (_, fragments) => {
    await expect(check(makeMp4({}, { fragments }))).rejects.toMatchObject({ code: 'audio-corrupt' });
  });

  it('that come twice, or where none can be, are refused', async () => {
    const { stts } = soundTables;
    for (const inside of ['dinf', 'stbl']) {
      const tables = { ...soundTables, [inside]: box('stts', stts!) };
      await expect(check(makeMp4(tables))).rejects.toMatchObject({ code: 'audio-corrupt' });
    }
    const bytes = makeMp4(soundTables);
    const at = bytes.indexOf('stsz');
    bytes.write('stts', at, 'latin1');
    await expect(check(bytes)).rejects.toMatchObject({ code: 'audio-corrupt' });
  });

  it('nested beyond any use, or of sizes that cannot be, are refused', async () => {
    let nested = words();
    for (let i = 0; i < 20; i++) nested = box('moov', nested);
    await expect(check(nested)).rejects.toMatchObject({ code: 'audio-corrupt' });
    await expect(
      check(Buffer.concat([words(4), Buffer.from('moov'), Buffer.alloc(64)])),
    ).rejects.toMatchObject({
      code: 'audio-corrupt',
    });
  });
});
