import { defineConfig } from 'vitest/config';
import { builtSources } from './test/setup/built-sources.js';

/**
 * `unit` and `mocked` need nothing but the build; `soak` takes minutes and, with `system`, needs Chromium and the build for browsers
 * (npm run build:browser, which needs Emscripten); `parity` needs the Python venv that `.ci/run` makes; `system` needs PulseAudio
 * too, `package` Emscripten and npm's registry; `mlx` needs an addon that was built with MLX, and the
 * venv; `onnx` needs onnxruntime-node: npm ci --prefix measure/speed --ignore-scripts, and
 * NODE_PATH=measure/speed/node_modules; `fleet` needs Debian's nats-server. All of these fail, they do not skip, where that is missing.
 */
const mlx = ['test/**/mlx*.test.ts'];
/** Days of sound, a million messages, hostile files: minutes, and nothing that a change breaks unnoticed elsewhere. */
const soaks = ['test/**/*.soak.test.ts'];
const onnx = ['test/onnxruntime/**/*.test.ts'];
/** They put other modules in the place of Node's or ours, so each file needs a process of its own, and the sources. */
const mocked = ['test/**/*.mocked.test.ts'];
const packages = ['test/system/package.test.ts'];
const fleet = ['test/fleet/**/*.test.ts'];
const outside = ['test/parity/**', 'test/system/**', ...fleet, ...mlx, ...onnx, ...soaks, ...mocked];
const onBuilt = { extends: true as const, plugins: [builtSources()] };
export default defineConfig({
  test: {
    testTimeout: 180_000,
    hookTimeout: 120_000,
    // The machine may be busy with others.
    expect: { poll: { timeout: 20_000 } },
    // One more than the machine of the gate has cores: tests also wait, for clocks and for other programs.
    maxWorkers: 3,
    globalSetup: 'test/setup/built-sources.ts',
    server: { deps: { external: [/\/dist\//] } },
    projects: [
      {
        ...onBuilt,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: outside,
          // Files share the workers' processes: to load the sources anew for each took a third of the time.
          isolate: false,
          env: { NO_COLOR: '1' },
        },
      },
      { extends: true, test: { name: 'mocked', include: mocked } },
      { ...onBuilt, test: { name: 'soak', include: soaks } },
      { ...onBuilt, test: { name: 'onnx', include: onnx } },
      { ...onBuilt, test: { name: 'fleet', include: fleet } },
      { ...onBuilt, test: { name: 'parity', include: ['test/parity/**/*.test.ts'], exclude: mlx } },
      {
        ...onBuilt,
        test: {
          name: 'mlx',
          include: mlx,
          fileParallelism: false,
          // MLX's matrix products here are too small for OpenBLAS to share among threads.
          env: { OPENBLAS_NUM_THREADS: '1' },
        },
      },
      // It builds and packs anew what the other tests run.
      { ...onBuilt, test: { name: 'package', include: packages } },
      // They wait more than they compute: for real time, browsers and sound.
      {
        ...onBuilt,
        test: {
          name: 'system',
          include: ['test/system/**/*.test.ts'],
          exclude: packages,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
