import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { build, type BuildOptions } from 'esbuild';
import { afterAll, describe, expect, it } from 'vitest';
import { build as viteBuild } from 'vite';
import { AUDIO, runProgram } from './helpers.js';

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'whospeaks-bundle-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const program = (call: string): string => `
  import { SpeakerModel, fromFile, readAll } from ${JSON.stringify(join(root, 'src/index.ts'))};
  ${call}.then(() => console.log('works'), (error) => console.log(error.code, error.message));`;

async function run(name: string, call: string, options: BuildOptions): Promise<string> {
  const entry = join(folder, `${name}.ts`);
  const outfile = join(folder, `${name}.${options.format === 'cjs' ? 'cjs' : 'mjs'}`);
  writeFileSync(entry, program(call));
  // Packages that are CommonJS call require() in a bundle of modules.
  const banner =
    options.format === 'esm'
      ? {
          js: "import { createRequire as requireOfBundle } from 'node:module'; const require = requireOfBundle(import.meta.url);",
        }
      : {};
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    logLevel: 'silent',
    banner,
    ...options,
  });
  const { stdout, stderr } = await runProgram(process.execPath, [outfile]);
  return stdout + stderr;
}

describe('a program that whospeaks is bundled into', () => {
  it.each(['esm', 'cjs'] as const)('says that it is to be external (esbuild, %s)', async (format) => {
    const message = /^addon-missing .*mark whospeaks external/;
    expect(await run(`model-${format}`, 'SpeakerModel.fromPretrained()', { format })).toMatch(message);
    const file = JSON.stringify(join(root, 'test/stream/fixtures/mono-16000.flac'));
    expect(await run(`file-${format}`, `readAll(fromFile(${file}))`, { format })).toMatch(message);
  });

  it('reads a wav all the same: that needs no file of the package', async () => {
    const file = JSON.stringify(`${AUDIO}/alice.wav`);
    expect(await run('wav', `readAll(fromFile(${file}))`, { format: 'esm' })).toContain('works');
  });
});

describe("the client's worklet", () => {
  /** Runs the text of a worklet as the audio thread does, and hands it sound. */
  function blocksOf(text: string): number[] {
    const blocks: number[] = [];
    let made: (new () => { process(inputs: Float32Array[][]): boolean }) | undefined;
    class AudioWorkletProcessor {
      readonly port = { postMessage: (block: Float32Array) => blocks.push(block.length) };
    }
    const registerProcessor = (_: string, processor: typeof made): void => {
      made = processor;
    };
    runInNewContext(text, { AudioWorkletProcessor, registerProcessor, Float32Array });
    const worklet = new made!();
    for (let i = 0; i < 16; i++) worklet.process([[new Float32Array(128)]]);
    return blocks;
  }

  it('runs from its text, however it was minified', async () => {
    const { outputFiles } = await build({
      entryPoints: [join(root, 'src/client/capture-worklet.ts')],
      bundle: true,
      minify: true,
      format: 'esm',
      write: false,
    });
    const url = `data:text/javascript,${encodeURIComponent(outputFiles[0]!.text)}`;
    const { installCapture } = (await import(/* @vite-ignore */ url)) as { installCapture: () => void };
    expect(blocksOf(`(${installCapture.toString()})()`)).toEqual([1024, 1024]);
  });

  it('is a file of its own, or a data: URL, in a bundle of Vite', async () => {
    const entry = join(folder, 'page.js');
    writeFileSync(
      entry,
      `export { captureStream } from ${JSON.stringify(join(root, 'dist/client/index.js'))};`,
    );
    const result = await viteBuild({
      root: folder,
      configFile: false,
      logLevel: 'silent',
      build: { write: false, minify: false, lib: { entry, formats: ['es'], fileName: 'page' } },
    });
    const { output } = (Array.isArray(result) ? result[0]! : result) as unknown as {
      output: { fileName: string; code?: string }[];
    };
    const page = output.map(({ code }) => code ?? '').join('\n');
    const isThere = output.some(({ fileName }) => fileName.includes('capture-worklet'));
    expect(isThere || /data:text\/javascript/.test(page)).toBe(true);
  });
});
