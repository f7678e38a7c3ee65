import { defineConfig } from 'vitest/config';

/**
 * `unit` needs nothing but the build; `parity` needs the Python venv that `.ci/run` makes;
 * `system` needs PulseAudio. The last two fail, they do not skip, where that is missing.
 */
const outside = ['test/parity/**', 'test/system/**'];
export default defineConfig({
  test: {
    testTimeout: 180_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    projects: [
      { extends: true, test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: outside } },
      { extends: true, test: { name: 'parity', include: ['test/parity/**/*.test.ts'] } },
      {
        extends: true,
        test: { name: 'system', include: ['test/system/**/*.test.ts'], fileParallelism: false },
      },
    ],
  },
});
