// Builds dist/browser, which is `whospeaks/browser`: the core in WebAssembly with Emscripten (with 128-bit vectors, with relaxed
// ones too, and without), the worker's program, and the page's module. Needs emscripten and cmake; nothing is fetched.
//   npm run build:browser -- [--sizes] [--out=FOLDER] [--skip-core]
// `--sizes` prints what a browser downloads; `--skip-core` takes the core as it was built before.
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { writeFinalOpcodes } from './relaxed-opcodes.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const source = path.join(root, 'src/browser');
const require = createRequire(import.meta.url);
/** All current browsers have 128-bit vectors (Chrome 91, Firefox 89, Safari 16.4); the scalar one is for those before. */
const CORES = { simd: 'ON', scalar: 'OFF' };
/** With fused multiply-add (Chrome 114): of the same objects, but for the kernels. */
const RELAXED = path.join(root, 'build-wasm-simd/relaxed');
const TARGET = ['chrome91', 'firefox115', 'safari15'];

/**
 * What belongs to one platform alone, and what the browser has in its place, with the same exports: src/browser/seams.ts
 * compares their types. Anything else of Node's that is reached fails the build.
 */
const SEAMS = {
  'native/load-addon': 'load-addon',
  'native/threads': 'threads',
  'native/pretrained': 'pretrained',
  'native/onnx/onnx-engine': 'onnx-engine',
  'model/sha256': 'sha256',
  'model/bytes-beside': 'bytes-beside',
  'clustering/others-turn': 'others-turn',
  'snapshot/document': 'snapshot-document',
  'stream/speex': 'speex',
};

function fail(message) {
  console.error(`build-browser: ${message}`);
  process.exit(1);
}

function run(command, args) {
  // Debian's acorn is found by Debian's node alone; any other is told where it lies.
  const nodePath = [process.env.NODE_PATH, '/usr/share/nodejs', path.join(root, 'node_modules')];
  const env = { ...process.env, NODE_PATH: nodePath.filter(Boolean).join(path.delimiter) };
  const result = spawnSync(command, args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28, env });
  if (result.error === undefined && result.status === 0) return;
  process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}`);
  fail(
    `\`${command} ${args.join(' ')}\` failed${result.error ? `: ${result.error.message}` : ''}; its output is above`,
  );
}

function buildCore() {
  for (const tool of ['emcmake', 'cmake']) {
    if (spawnSync(tool, ['--version'], { stdio: 'ignore' }).error !== undefined) {
      fail(`missing: ${tool}. Install with: apt-get install -y emscripten cmake make`);
    }
  }
  for (const [name, simd] of Object.entries(CORES)) {
    const folder = `build-wasm-${name}`;
    const options = [
      '-DCMAKE_BUILD_TYPE=Release',
      '-DWS_ADDON=OFF',
      '-DWS_MLX=OFF',
      `-DWS_WASM_SIMD=${simd}`,
    ];
    run('emcmake', ['cmake', '-S', '.', '-B', folder, ...options]);
    run('cmake', ['--build', folder, '--parallel', String(availableParallelism())]);
  }
  // The worker has one loader for both.
  const [own, relaxed] = [path.join(root, 'build-wasm-simd'), RELAXED].map((folder) =>
    readFileSync(path.join(folder, 'whospeaks.mjs'), 'utf8'),
  );
  if (own !== relaxed) fail('the loader of the relaxed core is another than that of the core with vectors');
  writeFinalOpcodes(path.join(RELAXED, 'whospeaks.wasm'), path.join(RELAXED, 'final.wasm'));
}

/**
 * The resampler's loader also runs in Node, and looks for its module beside itself: the first half names modules that no
 * browser has, and bundlers would look for the file. Its module is given to it.
 */
function withoutNode(file) {
  let text = readFileSync(file, 'utf8');
  const module = JSON.stringify(path.basename(file).replace(/\.js$/, '.wasm'));
  for (const [left, right] of [
    ['if(ENVIRONMENT_IS_NODE){', 'if(false){'],
    [`new URL(${module},import.meta.url).href`, '""'],
  ]) {
    if (!text.includes(left)) fail(`${file} is another than this script was written for: no ${left}`);
    text = text.replaceAll(left, right);
  }
  return text;
}

/** `whospeaks-built:NAME` of src/browser/built-modules.d.ts. */
function builtModules() {
  const speex = path.dirname(require.resolve('@echogarden/speex-resampler-wasm'));
  const files = {
    'core-simd': path.join(root, 'build-wasm-simd/whospeaks.mjs'),
    'core-scalar': path.join(root, 'build-wasm-scalar/whospeaks.mjs'),
    'speex-simd': path.join(speex, 'speex-resampler-simd.js'),
    'speex-scalar': path.join(speex, 'speex-resampler-nonsimd.js'),
    'speex-simd.wasm': path.join(speex, 'speex-resampler-simd.wasm'),
    'speex-scalar.wasm': path.join(speex, 'speex-resampler-nonsimd.wasm'),
    'model.json': path.join(root, 'models/config.json'),
    'segmentation.json': path.join(root, 'models/segmentation/config.json'),
  };
  return {
    name: 'built-modules',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^whospeaks-built:/ }, ({ path: name }) => ({ path: name, namespace: 'built' }));
      onLoad({ filter: /.*/, namespace: 'built' }, ({ path: name }) => {
        const key = name.slice('whospeaks-built:'.length);
        const file = files[key];
        if (file === undefined || !existsSync(file)) fail(`${name}: there is no ${file ?? 'such file'}`);
        const loader = key.endsWith('.wasm') ? 'binary' : key.endsWith('.json') ? 'json' : 'js';
        const contents = loader === 'js' ? withoutNodeOf(key, file) : readFileSync(file);
        return { contents, loader, resolveDir: root };
      });
    },
  };
}

function withoutNodeOf(key, file) {
  return key.startsWith('speex') ? withoutNode(file) : readFileSync(file, 'utf8');
}

function seams() {
  const twins = new Map(
    Object.entries(SEAMS).map(([node, browser]) => [
      path.join(root, 'src', `${node}.ts`),
      path.join(source, 'platform', `${browser}.ts`),
    ]),
  );
  return {
    name: 'seams',
    setup({ onResolve }) {
      onResolve({ filter: /^\./ }, ({ path: name, resolveDir }) => {
        const file = path.join(resolveDir, name).replace(/\.js$/, '.ts');
        const twin = twins.get(file);
        return twin === undefined ? undefined : { path: twin };
      });
    },
  };
}

/** zod's messages in fifty languages hang on the object that it exports, so that no bundler leaves them out. */
export function englishAlone() {
  return {
    name: 'english-alone',
    setup({ onLoad }) {
      onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, ({ path: file }) => ({
        contents: "export { default as en } from './en.js';",
        resolveDir: path.dirname(file),
      }));
    },
  };
}

const COMMON = {
  bundle: true,
  format: 'esm',
  platform: 'browser',
  target: TARGET,
  // RxJS ships modules for current browsers under this condition; the default is larger.
  conditions: ['es2015'],
  legalComments: 'none',
  logLevel: 'warning',
};

/**
 * The program of a worker, whole. @param {string} entry @param {string} outfile
 */
export async function buildWorker(entry, outfile) {
  const plugins = [builtModules(), seams(), englishAlone()];
  await build({ ...COMMON, entryPoints: [entry], outfile, plugins, minify: true });
}

/** @param {string} outdir where the files go */
export async function buildBrowser(outdir = path.join(root, 'dist/browser')) {
  rmSync(outdir, { recursive: true, force: true });
  mkdirSync(outdir, { recursive: true });
  await buildWorker(path.join(source, 'worker/main.ts'), path.join(outdir, 'worker.js'));
  // The application's own RxJS and zod: an Observable of another copy would be none to it.
  await build({
    ...COMMON,
    entryPoints: [path.join(source, 'index.ts')],
    outfile: path.join(outdir, 'index.js'),
    external: ['rxjs', 'zod'],
  });
  // The browser's audio thread loads it by its URL.
  await build({
    ...COMMON,
    entryPoints: [path.join(root, 'src/client/capture-worklet.ts')],
    outfile: path.join(outdir, 'capture-worklet.js'),
    minify: true,
  });
  for (const name of Object.keys(CORES)) {
    cpSync(path.join(root, `build-wasm-${name}/whospeaks.wasm`), path.join(outdir, `whospeaks-${name}.wasm`));
  }
  cpSync(path.join(RELAXED, 'final.wasm'), path.join(outdir, 'whospeaks-relaxed.wasm'));
  return outdir;
}

/** What `assetsIn` expects in a folder of a server, and where it lies. @param {string} outdir of `buildBrowser` */
export function browserAssets(outdir = path.join(root, 'dist/browser')) {
  const cores = ['relaxed', 'simd', 'scalar'].map((name) => `whospeaks-${name}.wasm`);
  const built = ['worker.js', 'capture-worklet.js', ...cores];
  const weights = ['model.safetensors', 'cohort.safetensors', 'overlap.safetensors'];
  return [
    ...built.map((to) => ({ from: path.join(outdir, to), to })),
    ...weights.map((to) => ({ from: path.join(root, 'models', to), to })),
    { from: path.join(root, 'models/segmentation/model.safetensors'), to: 'segmentation.safetensors' },
  ];
}

/** Bytes of a file as it is, and gzipped. @param {string} file */
export function sizes(file) {
  const bytes = readFileSync(file);
  return { raw: bytes.length, gzipped: gzipSync(bytes, { level: 9 }).length };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const out = process.argv.find((argument) => argument.startsWith('--out='));
  if (!process.argv.includes('--skip-core')) buildCore();
  const outdir = await buildBrowser(out?.slice('--out='.length));
  if (process.argv.includes('--sizes')) {
    for (const { from, to } of browserAssets(outdir)) {
      const { raw, gzipped } = sizes(from);
      console.log(`${to.padEnd(26)} ${String(raw).padStart(8)} B  ${String(gzipped).padStart(8)} B gzipped`);
    }
  }
}
