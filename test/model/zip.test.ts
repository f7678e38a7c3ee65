import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { openZip, type ZipEntry } from '../../src/model/zip.js';

const open = (bytes: Uint8Array): Map<string, ZipEntry> => openZip({ bytes, label: 'x.zip' });
const text = (content: string): Uint8Array => new TextEncoder().encode(content);
const signature = (bytes: Uint8Array, magic: string): number =>
  Buffer.from(bytes).lastIndexOf(magic, undefined, 'latin1');
const CENTRAL = 'PK\x01\x02';
const END = 'PK\x05\x06';

/** Edit a copy of an archive through a DataView. */
function edited(bytes: Uint8Array, edit: (view: DataView) => void): Uint8Array {
  const copy = new Uint8Array(bytes);
  edit(new DataView(copy.buffer));
  return copy;
}

const archive = zipSync({ 'a.txt': text('hello '.repeat(50)), 'b.txt': [text('plain'), { level: 0 }] });
const central = (bytes: Uint8Array): number => Buffer.from(bytes).indexOf(CENTRAL, 0, 'latin1');
const code = (value: string): object => expect.objectContaining({ code: value }) as object;

describe('zip', () => {
  it('lists and unpacks stored and deflated entries', () => {
    const entries = open(archive);
    expect([...entries.keys()]).toEqual(['a.txt', 'b.txt']);
    expect(new TextDecoder().decode(entries.get('a.txt')!.read())).toBe('hello '.repeat(50));
    expect(new TextDecoder().decode(entries.get('b.txt')!.read())).toBe('plain');
  });

  it('refuses a bomb by what it declares, before unpacking', () => {
    const bomb = zipSync({ 'a.npy': new Uint8Array(64 << 20) }, { level: 9 });
    expect(bomb.length).toBeLessThan(100_000);
    expect(() => open(bomb)).toThrow(code('model-unsafe'));
    expect(() => open(bomb)).toThrow(/zip bomb/);
  });

  it('a bomb that declares little inflates to no more than it declares', () => {
    const bomb = zipSync({ 'a.npy': new Uint8Array(8 << 20) }, { level: 9 });
    const lying = edited(bomb, (view) => {
      view.setUint32(central(bomb) + 24, 1000, true);
    });
    expect(() => open(lying).get('a.npy')!.read()).toThrow(/does not inflate to its 1000 bytes/);
  });

  it('refuses entries that lie on one another, as in overlapping bombs', () => {
    const second = signature(archive, CENTRAL);
    const lying = edited(archive, (view) => {
      view.setUint32(second + 42, 0, true);
    });
    expect(() => open(lying)).toThrow(code('model-unsafe'));
  });

  it('refuses a name that stands twice', () => {
    const second = signature(archive, CENTRAL);
    const lying = edited(archive, (view) => {
      view.setUint8(second + 46, 'a'.charCodeAt(0));
    });
    expect(() => open(lying)).toThrow(/"a\.txt" twice/);
  });

  it.each([
    ['a cut end', archive.subarray(0, archive.length - 10), /no end/],
    [
      'a directory outside the file',
      edited(archive, (v) => {
        v.setUint32(signature(archive, END) + 16, 1e9, true);
      }),
      /outside/,
    ],
    [
      'a directory of other bytes',
      edited(archive, (v) => {
        v.setUint32(central(archive), 0, true);
      }),
      /damaged/,
    ],
    [
      'more entries than there are',
      edited(archive, (v) => {
        v.setUint16(signature(archive, END) + 10, 3, true);
      }),
      /damaged/,
    ],
    [
      'an entry outside the file',
      edited(archive, (v) => {
        v.setUint32(central(archive) + 42, 1e9, true);
      }),
      /not where/,
    ],
    [
      'an entry longer than the file',
      edited(archive, (v) => {
        v.setUint32(central(archive) + 20, 1e6, true);
      }),
      /cut short/,
    ],
  ])('reports %s as model-corrupt', (_, bytes, message) => {
    expect(() => open(bytes)).toThrow(code('model-corrupt'));
    expect(() => open(bytes)).toThrow(message);
  });

  it('checks the CRC of what it unpacks', () => {
    const at = Buffer.from(archive).indexOf('plain');
    const damaged = edited(archive, (view) => {
      view.setUint8(at, 'P'.charCodeAt(0));
    });
    expect(() => open(damaged).get('b.txt')!.read()).toThrow(/checksum/);
  });

  it('refuses encryption and unknown methods by name', () => {
    const at = central(archive);
    expect(() =>
      open(
        edited(archive, (v) => {
          v.setUint16(at + 8, 1, true);
        }),
      ),
    ).toThrow(/encrypted/);
    const packed = edited(archive, (v) => {
      v.setUint16(at + 10, 93, true);
    });
    expect(() => open(packed).get('a.txt')!.read()).toThrow(/method 93/);
  });
});
