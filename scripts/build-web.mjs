// Bundles the page and the browser's client into dist/web, which the server serves. esbuild does the work;
// nothing is fetched. `--sizes` prints what a browser downloads, `--out=FOLDER` builds elsewhere.
import { build } from 'esbuild';
import { cp, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const root = fileURLToPath(new URL('..', import.meta.url));
const web = join(root, 'src/web');
const client = join(root, 'src/client');

/** How programs of the page are bundled. */
export const PAGE_BUNDLE = /** @type {const} */ ({
  bundle: true,
  minify: true,
  format: 'esm',
  target: ['chrome100', 'firefox115', 'safari16'],
  // RxJS ships modules for current browsers under this condition; the default is larger.
  conditions: ['es2015'],
  legalComments: 'none',
  logLevel: 'warning',
});

/** @param {string} outdir where the files go */
export async function buildWeb(outdir = join(root, 'dist/web')) {
  await rm(outdir, { recursive: true, force: true });
  await mkdir(outdir, { recursive: true });
  await build({
    ...PAGE_BUNDLE,
    entryPoints: {
      page: join(web, 'main.ts'),
      client: join(client, 'index.ts'),
      'capture-worklet': join(client, 'capture-worklet.ts'),
    },
    outdir,
  });
  await copyPage(outdir);
  return outdir;
}

/** What the page has beside its programs. @param {string} outdir */
export async function copyPage(outdir) {
  await build({
    entryPoints: [join(web, 'page.css')],
    outdir,
    bundle: true,
    minify: true,
    external: ['*.svg'],
    logLevel: 'warning',
  });
  for (const file of ['index.html', 'icon.svg']) await cp(join(web, file), join(outdir, file));
  // What the page offers to whoever has nothing to listen to.
  await cp(join(root, 'examples/audio/meeting.wav'), join(outdir, 'example.wav'));
}

/** Bytes of a file as it is, and gzipped. @param {string} path */
export async function sizes(path) {
  const bytes = await readFile(path);
  return { raw: bytes.length, gzipped: gzipSync(bytes, { level: 9 }).length };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const out = process.argv.find((argument) => argument.startsWith('--out='));
  const outdir = await buildWeb(out?.slice('--out='.length));
  if (process.argv.includes('--sizes')) {
    for (const file of ['client.js', 'capture-worklet.js', 'page.js', 'page.css', 'index.html']) {
      const { raw, gzipped } = await sizes(join(outdir, file));
      console.log(
        `${file.padEnd(20)} ${String(raw).padStart(7)} B  ${String(gzipped).padStart(6)} B gzipped`,
      );
    }
  }
}
