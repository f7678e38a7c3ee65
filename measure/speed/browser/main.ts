// Measures `whospeaks/browser` in headless Chromium, and its network beside onnxruntime-web's in the same page, and writes the
// figures of docs/browser.md. Needs `npm run build:browser`, Chromium, and the peers:
//   npm ci --prefix measure/speed --ignore-scripts
//   npm run bench:browser [-- --minutes 10] [--repeats 60] [--live 30] [--print]
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { BUNDLED_MODEL_FOLDER, readModel } from '../../../src/model/index.js';
import { WINDOW_FRAMES } from '../../../src/stream/geometry.js';
import { buildWorker, sizes } from '../../../scripts/build-browser.mjs';
import { launchChromium } from '../../../test/system/chromium.js';
import { builtAssets, ROOT, serveSite } from '../../../test/system/browser/site.js';
import { randomArray, randomSource } from '../../random-model.js';
import { writeFigures } from '../../write-figures.js';
import { toOnnx } from '../onnx-model.js';
import { percentile } from '../statistics.js';
import type { Bench } from './page.js';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    repeats: { type: 'string', default: '60' },
    live: { type: 'string', default: '30' },
    print: { type: 'boolean', default: false },
  },
});
const PAGE = '<!doctype html><title>bench</title><script type="module" src="/page.js"></script>';
const peers = join(ROOT, 'measure/speed/node_modules/onnxruntime-web');
if (!existsSync(peers)) {
  throw new Error('onnxruntime-web is missing: npm ci --prefix measure/speed --ignore-scripts');
}

const folder = mkdtempSync(join(tmpdir(), 'whospeaks-bench-'));
const site = await prepare();
const browser = await launchChromium(join(ROOT, 'examples/audio/alice.wav'));
try {
  const page = await browser.newPage();
  page.on('pageerror', (error) => {
    console.error(error);
  });
  await page.goto(site.url);
  while ((await page.evaluate('typeof bench')) !== 'object') await page.waitForTimeout(100);
  const call = <Name extends keyof Bench>(
    name: Name,
    ...args: Parameters<Bench[Name]>
  ): Promise<Awaited<ReturnType<Bench[Name]>>> => page.evaluate(`bench.${name}(...${JSON.stringify(args)})`);

  const networks = await call('networks', Number(values.repeats));
  if (!(networks.cosine > 0.9999)) throw new Error(`cosine with onnxruntime-web ${networks.cosine}`);
  const [own, peer] = [networks.own, networks.peer].map((times) => percentile([...times], 0.5)) as [
    number,
    number,
  ];
  const { device, ms: loadMs } = await call('load');
  await call('enroll');
  const enrolBefore = cpuSeconds();
  const enrolMs = await call('enroll');
  const enrolCpu = cpuSeconds() - enrolBefore;
  const seconds = 60 * Number(values.minutes);
  const cpuBefore = cpuSeconds();
  const file = await call('file', seconds);
  const fileCpu = cpuSeconds() - cpuBefore;
  const liveSeconds = Number(values.live);
  const liveBefore = cpuSeconds();
  const live = await call('live', liveSeconds);
  const liveShare = (cpuSeconds() - liveBefore) / liveSeconds;
  const diarizeMs = await call('diarize', 60);

  const lines: [string, string][] = [
    ['one window of 1.5 s, the network alone', `${own.toFixed(1)} ms`],
    [
      'the same network in onnxruntime-web 1.30, the same page',
      `${peer.toFixed(1)} ms (ours: ${(own / peer).toFixed(2)} of it)`,
    ],
    [
      "live stream at 48 kHz, processor time of the page's process",
      `${(100 * liveShare).toFixed(1)} % of a core`,
    ],
    [
      `recording of ${values.minutes} min, processor time of the page's process`,
      `${((100 * fileCpu) / seconds).toFixed(1)} % of a core were it live`,
    ],
    [`recording of ${values.minutes} min`, `${((1000 * seconds) / file.ms).toFixed(0)} times real time`],
    ['enrolment of 10 s', `${(enrolMs / 1000).toFixed(2)} s, processor time ${enrolCpu.toFixed(2)} s`],
    ['diarization of a minute, both networks', `${(60_000 / diarizeMs).toFixed(0)} times real time`],
    ['load, of a local server', `${(loadMs / 1000).toFixed(2)} s`],
    [
      'longest that the page was held: recording, live',
      `${file.heldMs.toFixed(0)} ms, ${live.heldMs.toFixed(0)} ms`,
    ],
  ];
  const machine = `Chromium ${browser.version()}, \`${device}\`, ${cpus()[0]!.model.trim()}, ${cpus().length} processors; load average ${loadavg()[0]!.toFixed(1)} at the end.`;
  const speed = [
    machine,
    '',
    '| | |',
    '|---|---|',
    ...lines.map(([what, value]) => `| ${what} | ${value} |`),
  ].join('\n');
  const download = ['| file | bytes | gzipped |', '|---|---|---|', ...sizeRows()].join('\n');
  console.log(`${download}\n\n${speed}`);
  if (!values.print) {
    writeFigures(join(ROOT, 'docs/browser.md'), 'browser-speed', speed);
    writeFigures(join(ROOT, 'docs/browser.md'), 'browser-sizes', download);
  }
} finally {
  await browser.close();
  await site.close();
  rmSync(folder, { recursive: true });
}

/** The programs, the weights and the peer, on a server. */
async function prepare() {
  const model = await readModel(BUNDLED_MODEL_FOLDER);
  const features = randomArray(WINDOW_FRAMES * model.config.featureSize, 2, randomSource(1));
  const tensors = [...model.tensors].map(([name, { shape, data }]) => [name, { shape, data: [...data] }]);
  const facts = { name: model.name, config: model.config, fingerprint: model.fingerprint, tensors };
  const task = { model: facts, frames: WINDOW_FRAMES, features: [...features] };
  writeFileSync(join(folder, 'task.json'), JSON.stringify(task));
  writeFileSync(join(folder, 'model.onnx'), toOnnx(model));
  await build({
    entryPoints: [join(ROOT, 'measure/speed/browser/page.ts')],
    outfile: join(folder, 'page.js'),
    bundle: true,
    format: 'esm',
    alias: { 'whospeaks/browser': join(ROOT, 'src/browser/index.ts') },
    logLevel: 'warning',
  });
  await buildWorker(join(ROOT, 'measure/speed/browser/worker.ts'), join(folder, 'networks.js'));
  const files = new Map([
    ['', PAGE],
    ['audio', join(ROOT, 'examples/audio')],
    ['ort', join(peers, 'dist')],
    ...['page.js', 'networks.js', 'task.json', 'model.onnx'].map((name): [string, string] => [
      name,
      join(folder, name),
    ]),
  ]);
  for (const [to, from] of builtAssets()) files.set(`assets/${to}`, from);
  return serveSite(files);
}

function sizeRows(): string[] {
  return [...builtAssets()].map(([name, file]) => {
    const { raw, gzipped } = sizes(file);
    return `| ${name} | ${raw.toLocaleString('en')} | ${gzipped.toLocaleString('en')} |`;
  });
}

/** Processor time of the processes that run pages and their workers, so far: user and system, from /proc. */
function cpuSeconds(): number {
  const TICKS = 100;
  const processes = new Map<number, { parent: number; ticks: number; isRenderer: boolean }>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const fields = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ')[1]!.split(' ');
      const isRenderer = readFileSync(`/proc/${name}/cmdline`, 'latin1').includes('--type=renderer');
      const ticks = Number(fields[11]) + Number(fields[12]);
      processes.set(Number(name), { parent: Number(fields[1]), ticks, isRenderer });
    } catch {
      // It has ended since.
    }
  }
  const isOurs = (pid: number): boolean => {
    for (let at = processes.get(pid); at !== undefined; at = processes.get(at.parent)) {
      if (at.parent === process.pid) return true;
    }
    return false;
  };
  let ticks = 0;
  for (const [pid, own] of processes) if (own.isRenderer && isOurs(pid)) ticks += own.ticks;
  return ticks / TICKS;
}
