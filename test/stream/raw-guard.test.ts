import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RawGuard } from '../../src/stream/raw-guard.js';
import { signal } from './signal.js';
import { pcmBytes } from './wav-file.js';

const fixture = (name: string): Buffer => readFileSync(join(import.meta.dirname, 'fixtures', name));
const rf64 = Buffer.from(fixture('piped.wav'));
rf64.write('RF64', 'latin1');

/** All that is let through of bytes that come in pieces. */
function through(bytes: Uint8Array, pieceBytes: number): Buffer {
  const guard = new RawGuard('decode it');
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes)
    pieces.push(guard.push(bytes.subarray(at, at + pieceBytes)));
  return Buffer.concat([...pieces, guard.flush()]);
}

describe('a file that is sent as raw PCM', () => {
  it.each([
    ['piped.wav', fixture('piped.wav'), /wav/],
    ['RF64', rf64, /RF64/],
    ['flac', fixture('mono-16000.flac'), /flac/],
    ['ogg', fixture('stereo-48000.opus'), /ogg/],
    ['WebM', fixture('live.webm'), /WebM/],
    ['Matroska', fixture('aac.mkv'), /Matroska/],
    ['m4a', fixture('late.m4a'), /MP4/],
    ['QuickTime without ftyp', Buffer.from('\0\0\0\x08wide\0\0', 'latin1'), /MP4/],
    ['m4a that begins with its media', Buffer.from('\0\x01\0\0mdat', 'latin1'), /MP4/],
    ['mp3 without ID3', fixture('mono-16000-no-tag.mp3'), /mp3/],
    ['ADTS', fixture('mono-16000.aac'), /ADTS/],
    ['Wave64', Buffer.from('riff\x2e\x91\xcf\x11', 'latin1'), /W64/],
    ['AU', Buffer.from('.snd\0\0\0\x18', 'latin1'), /AU/],
  ])('%s is refused by name, however its first bytes are cut', (_, bytes, name) => {
    for (const pieceBytes of [1, 2, 3, 5, 7, 100, 1001, bytes.length]) {
      expect(() => through(bytes, pieceBytes)).toThrow(
        expect.objectContaining({ code: 'audio-format', message: expect.stringMatching(name) as string }),
      );
    }
  });
});

describe('raw PCM', () => {
  const silence = Buffer.alloc(64_000);
  const lowest = Buffer.alloc(4000, 0xff);
  it.each([
    ['a voice', pcmBytes('s16le', signal(16_000, 0.5))],
    ['floats', pcmBytes('f32le', signal(16_000, 0.5))],
    ['silence', silence],
    ['bytes of ones', lowest],
    ['what begins like an mp3', Buffer.concat([Buffer.of(0xff, 0xfb, 0x90, 0x64), silence])],
    ['what begins like ADTS', Buffer.concat([Buffer.of(0xff, 0xf1, 0x50, 0x80, 0x20, 0, 0), silence])],
    ['a few bytes', Buffer.of(1, 2, 3)],
    ['half a header', Buffer.of(0xff, 0xfb)],
  ])('of %s is let through as it is', (_, bytes) => {
    for (const pieceBytes of [1, 7, 1000, bytes.length])
      expect(through(bytes, pieceBytes).equals(bytes)).toBe(true);
  });

  it('is held back for no more than a few bytes where it looks like nothing else', () => {
    const guard = new RawGuard('decode it');
    expect(guard.push(Buffer.alloc(4))).toHaveLength(0);
    expect(guard.push(Buffer.alloc(4))).toHaveLength(8);
    expect(guard.push(Buffer.alloc(1))).toHaveLength(1);
  });
});
