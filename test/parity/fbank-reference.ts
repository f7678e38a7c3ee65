import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Each signal's features (frames x 80) by `fbank.py`: kaldi-native-fbank's, or exact ones by numpy. */
export function referenceFeatures(kind: 'kaldi' | 'exact', signals: readonly Float32Array[]): Float32Array[] {
  const folder = mkdtempSync(join(tmpdir(), 'fbank-'));
  try {
    const parts = signals.flatMap((s) => [
      Buffer.from(Int32Array.of(s.length).buffer),
      Buffer.from(s.buffer, s.byteOffset, s.byteLength),
    ]);
    writeFileSync(join(folder, 'in'), Buffer.concat(parts));
    const files = [join(folder, 'in'), join(folder, 'out')];
    execFileSync('.venv/bin/python', ['test/parity/fbank.py', kind, ...files]);
    const out = readFileSync(join(folder, 'out'));
    let at = 0;
    return signals.map(() => {
      const count = out.readInt32LE(at) * 80;
      const from = at + 4;
      at = from + 4 * count;
      return Float32Array.from({ length: count }, (_, i) => out.readFloatLE(from + 4 * i));
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
