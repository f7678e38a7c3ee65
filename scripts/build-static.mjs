// Builds the product's page without a server into build-static: files for any web server, all in one folder. Needs what
// `npm run build:browser` builds; nothing is fetched. `--out=FOLDER` builds elsewhere, `--sizes` prints what a browser downloads.
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { browserAssets, englishAlone } from './build-browser.mjs';
import { copyPage, PAGE_BUNDLE, sizes } from './build-web.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const web = path.join(root, 'src/web');

/** Where a server can send headers, `frame-ancestors 'none'` belongs to them: a document cannot say it of itself. */
const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; img-src 'self'; " +
  "connect-src 'self'; media-src 'self' blob:; base-uri 'none'; form-action 'none'";

/** @param {string} outdir where the files go */
export async function buildStatic(outdir = path.join(root, 'build-static')) {
  const assets = browserAssets();
  const missing = assets.find(({ from }) => !existsSync(from));
  if (missing !== undefined)
    throw new Error(`${missing.from} is missing; build it with: npm run build:browser`);
  await rm(outdir, { recursive: true, force: true });
  await mkdir(outdir, { recursive: true });
  await build({
    ...PAGE_BUNDLE,
    entryPoints: { page: path.join(web, 'local-main.ts') },
    outdir,
    plugins: [englishAlone()],
  });
  await copyPage(outdir);
  for (const { from, to } of assets) await cp(from, path.join(outdir, to));
  const html = await readFile(path.join(outdir, 'index.html'), 'utf8');
  const meta = `<meta charset="utf-8" />\n    <meta http-equiv="Content-Security-Policy" content="${POLICY}" />`;
  const written = html.replace('<meta charset="utf-8" />', meta);
  if (written === html) throw new Error('index.html has no place for the content security policy');
  await writeFile(path.join(outdir, 'index.html'), written);
  await buildOffline(outdir);
  return outdir;
}

/** The service worker knows all files, and is another one where any of them is. */
async function buildOffline(outdir) {
  const files = (await readdir(outdir)).sort();
  const hash = createHash('sha256');
  for (const file of files) hash.update(file).update(await readFile(path.join(outdir, file)));
  await build({
    ...PAGE_BUNDLE,
    // Not all browsers take a module here.
    format: 'iife',
    entryPoints: { offline: path.join(web, 'offline.ts') },
    outdir,
    define: {
      // The page is asked for as its folder, or by its name.
      FILES: JSON.stringify(['./', ...files]),
      VERSION: JSON.stringify(hash.digest('hex').slice(0, 16)),
    },
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const out = process.argv.find((argument) => argument.startsWith('--out='));
  try {
    const outdir = await buildStatic(out?.slice('--out='.length));
    if (process.argv.includes('--sizes')) {
      for (const file of (await readdir(outdir)).sort()) {
        const { raw, gzipped } = await sizes(path.join(outdir, file));
        console.log(
          `${file.padEnd(26)} ${String(raw).padStart(8)} B  ${String(gzipped).padStart(8)} B gzipped`,
        );
      }
    }
    console.log(
      `the page lies in ${path.relative(process.cwd(), outdir)}; any web server can serve it, by https or on localhost`,
    );
  } catch (error) {
    console.error(`build-static: ${error.message}`);
    process.exitCode = 1;
  }
}
