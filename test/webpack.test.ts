import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import webpack, { type Configuration } from 'webpack';
import { AUDIO, runProgram } from './helpers.js';

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'whospeaks-webpack-'));
mkdirSync(join(folder, 'node_modules'));
symlinkSync(root, join(folder, 'node_modules/whospeaks'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Bundles a module with this text into a folder of its own; the bundle is `main.js` or `main.mjs` there. */
async function bundled(name: string, text: string, config: Configuration): Promise<string> {
  const [entry, path] = [join(folder, `${name}.js`), join(folder, name)];
  writeFileSync(entry, text);
  await new Promise<void>((resolve, reject) => {
    webpack({ mode: 'none', entry, ...config, output: { path, ...config.output } }, (error, stats) => {
      const fault =
        error ?? (stats?.hasErrors() ? new Error(stats.toString({ all: false, errors: true })) : null);
      if (fault) reject(fault);
      else resolve();
    });
  });
  return path;
}

const program = (from: string): string => `
  import { SpeakerModel, enroll, fromFile } from ${JSON.stringify(from)};
  SpeakerModel.fromPretrained()
    .then((model) => enroll(model, { name: 'alice', sources: [fromFile(${JSON.stringify(`${AUDIO}/alice.wav`)})] }))
    .then(({ name }) => { console.log('enrolled', name); process.exit(); }, (error) => console.log(error.code, error.message));`;

describe('a program that webpack bundles', () => {
  it.each([
    ['main.js', { target: 'node20', externalsType: 'import' }],
    ['main.mjs', { target: 'node20', externalsType: 'module', experiments: { outputModule: true } }],
  ] as const)('runs with whospeaks external (%s)', async (file, config) => {
    const path = await bundled(`external-${file}`, program('whospeaks'), {
      ...config,
      externals: /^whospeaks(\/|$)/,
      output: { filename: file },
    });
    const { stdout, stderr } = await runProgram(process.execPath, [join(path, file)]);
    expect(stdout + stderr).toBe('enrolled alice\n');
  });

  it('says that whospeaks is to be external where it is not', async () => {
    const path = await bundled('inside', program(join(root, 'dist/index.js')), { target: 'node20' });
    const { stdout, stderr } = await runProgram(process.execPath, [join(path, 'main.js')]);
    expect(stdout + stderr).toMatch(/addon-missing .*mark whospeaks external/);
  });

  it("has the client's worklet beside it", async () => {
    const client = JSON.stringify(join(root, 'dist/client/index.js'));
    const path = await bundled('page', `export { captureStream } from ${client};`, { target: 'web' });
    expect(readdirSync(path).length).toBeGreaterThan(1);
  });
});
