// The final opcode of f32x4.relaxed_madd, for modules of Clang 14 (Emscripten of Debian 12), which writes that of a draft:
// both mean a * b + c of the operands in this order, and both take three bytes.
import { Buffer } from 'node:buffer';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

/** f32x4.qfma of the draft: 0xfd, and 0xaf as LEB128. */
const DRAFT = Buffer.of(0xfd, 0xaf, 0x01);
/** 0xfd, and 0x105 as LEB128. */
const FINAL = Buffer.of(0xfd, 0x85, 0x02);

/** @param {Buffer} bytes @returns {number[]} where the draft's opcode stands, or numbers that look like it */
function places(bytes) {
  const found = [];
  for (let at = bytes.indexOf(DRAFT); at >= 0; at = bytes.indexOf(DRAFT, at + 1)) found.push(at);
  return found;
}

/**
 * A module with final opcodes. Bytes are looked for, not instructions: that is exact where there are as many as instructions,
 * for every instruction is among them.
 *
 * @param {Buffer} bytes of a module
 * @param {number} drafts how many instructions of the draft it has
 * @throws {Error} where other bytes look like the opcode
 */
export function withFinalOpcodes(bytes, drafts) {
  const found = places(bytes);
  if (found.length !== drafts) {
    throw new Error(`${found.length} places look like f32x4.relaxed_madd, but it has ${drafts} of it`);
  }
  const final = Buffer.from(bytes);
  for (const at of found) FINAL.copy(final, at);
  return final;
}

/**
 * @param {string} from a module @param {string} to
 * @throws {Error} where it has no such instruction, or cannot be read
 */
export function writeFinalOpcodes(from, to) {
  const { status, stdout, error } = spawnSync('wasm-dis', ['--all-features', from], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (error !== undefined || status !== 0) {
    throw new Error(`wasm-dis ${from} failed; it is part of binaryen, which emscripten needs`);
  }
  // Binaryen names it as its compiler does.
  const count = (name) => stdout.split(`(${name}\n`).length - 1;
  const drafts = count('f32x4.relaxed_fma');
  if (drafts === 0 && count('f32x4.relaxed_madd') === 0) {
    throw new Error(`${from} has no f32x4.relaxed_madd`);
  }
  writeFileSync(to, withFinalOpcodes(readFileSync(from), drafts));
}
