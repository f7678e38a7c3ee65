import { SingleBar } from 'cli-progress';
import { Command } from 'commander';
import { WhospeaksError } from '../errors.js';
import {
  cachedPath,
  cacheFolder,
  countMultiplyAdds,
  countParameters,
  findModelFile,
  findRemoteModel,
  KNOWN_MODELS,
  modelTerms,
  pullModel,
  readModel,
  readRecord,
  resolveModel,
  writeSafetensors,
  type CanonicalModel,
  type DownloadProgress,
  type ModelLicence,
} from '../model/index.js';
import { WINDOW_FRAMES } from '../stream/geometry.js';
import { onInterrupt } from './on-interrupt.js';

interface JsonOption {
  readonly json?: true;
}

/** `whospeaks model`: the networks that turn speech into voices. */
export function modelCommand(): Command {
  const command = new Command('model').description('Fetch, inspect and convert speaker models.');
  command
    .command('pull')
    .description('fetch a model into the cache')
    .argument('<name>', 'a name that `model list` shows, or hf:owner/repo/file')
    .action(pull);
  command
    .command('info')
    .description('say what a model is')
    .argument('[model]', 'name, file or folder (default: the bundled model)')
    .option('--json', 'as JSON')
    .action(info);
  command
    .command('convert')
    .description('write a model of any kind as safetensors')
    .argument('<in>', 'name, file or folder: safetensors, npz, PyTorch or ONNX')
    .argument('<out>', 'the .safetensors file to write')
    .action(convert);
  command
    .command('list')
    .description('the known models, and which of them are in the cache')
    .option('--json', 'as JSON')
    .action(list);
  return command;
}

async function pull(name: string): Promise<void> {
  const interrupt = new AbortController();
  const ignoreInterrupts = onInterrupt(() => {
    interrupt.abort(
      new WhospeaksError('model-download', `${name}: stopped; run the same command again to go on`),
    );
  });
  const progress = progressOf(name);
  try {
    const pulled = await pullModel(name, { onProgress: progress.update, signal: interrupt.signal });
    progress.stop();
    const model = await readModel(pulled.path);
    print(`${pulled.cached ? 'already in the cache' : 'fetched'}: ${pulled.path}`);
    print(`sha256 ${pulled.sha256}, ${megabytes(pulled.bytes)} MB; ${describe(model)}`);
    print(`licence: ${pulled.licence}. ${pulled.attribution}`);
  } finally {
    progress.stop();
    ignoreInterrupts();
  }
}

async function info(name: string | undefined, { json }: JsonOption): Promise<void> {
  const path = await findModelFile(await localPath(name));
  const model = await readModel(path);
  const terms = await modelTerms(path);
  if (json) {
    print(JSON.stringify(toJson(path, model, terms), null, 2));
    return;
  }
  const { blocks, channels, featureSize, dimension } = model.config;
  const rows = {
    model: model.name,
    file: path,
    network: `ResNet of BasicBlocks ${blocks.join(', ')}; ${channels} channels, ${featureSize} mel bins`,
    embedding: `${dimension} numbers`,
    parameters: `${(countParameters(model.config) / 1e6).toFixed(2)} M`,
    work: `${(countMultiplyAdds(model.config, WINDOW_FRAMES) / 1e9).toFixed(2)} G multiply-adds for ${WINDOW_FRAMES} frames (1.5 s)`,
    fingerprint: model.fingerprint,
    calibration: model.calibration
      ? `log-odds = ${model.calibration.scale} * cosine + ${model.calibration.offset}`
      : 'none measured',
    licence: terms ? `${terms.licence}. ${terms.attribution}` : 'not known to whospeaks',
  };
  for (const [key, value] of Object.entries(rows)) print(`${key.padEnd(12)} ${value}`);
}

/** `info` looks, it does not fetch. */
async function localPath(name: string | undefined): Promise<string> {
  const remote = name === undefined ? undefined : findRemoteModel(name);
  if (remote && !(await readRecord(cachedPath(remote, cacheFolder())))) {
    throw new WhospeaksError(
      'model-not-found',
      `${name!} is not in the cache; fetch it with: whospeaks model pull ${name!}`,
    );
  }
  return resolveModel(name);
}

async function convert(from: string, to: string): Promise<void> {
  if (!to.endsWith('.safetensors')) {
    throw new WhospeaksError(
      'invalid-option',
      `${to}: convert writes safetensors; give the file that suffix`,
    );
  }
  const model = await readModel(await resolveModel(from));
  await writeSafetensors(model, to);
  print(`wrote ${to}: ${describe(model)}`);
}

async function list({ json }: JsonOption): Promise<void> {
  const folder = cacheFolder();
  const models = await Promise.all(
    KNOWN_MODELS.map(async (model) => {
      const path = cachedPath(model, folder);
      const record = await readRecord(path);
      const { name, description, repo, file, terms } = model;
      return { name, description, repo, file, licence: terms.licence, cached: record ? path : null };
    }),
  );
  if (json) {
    print(JSON.stringify({ cacheFolder: folder, models }, null, 2));
    return;
  }
  for (const { name, description, licence, cached } of models) {
    print(`${name}: ${description}; ${licence}${cached === null ? '' : `; in the cache: ${cached}`}`);
  }
  print('hf:owner/repo/file: any other WeSpeaker ResNet of BasicBlocks on the hub');
}

function toJson(path: string, model: CanonicalModel, terms: ModelLicence | undefined): object {
  return {
    name: model.name,
    file: path,
    config: model.config,
    parameters: countParameters(model.config),
    multiplyAdds: countMultiplyAdds(model.config, WINDOW_FRAMES),
    frames: WINDOW_FRAMES,
    fingerprint: model.fingerprint,
    calibration: model.calibration ?? null,
    licence: terms?.licence ?? null,
    attribution: terms?.attribution ?? null,
  };
}

function describe({ name, config, fingerprint }: CanonicalModel): string {
  const parameters = (countParameters(config) / 1e6).toFixed(2);
  return `${name}, ${parameters} M parameters, ${config.dimension} numbers, fingerprint ${fingerprint.slice(0, 16)}`;
}

interface ProgressLine {
  readonly update: (progress: DownloadProgress) => void;
  readonly stop: () => void;
}

/** A bar on a terminal, one line elsewhere; on stderr, so that a pipe gets the answer alone. */
function progressOf(name: string): ProgressLine {
  const bar = new SingleBar({
    format: `${name} {bar} {percentage} % | {value} of {total} MB | {eta_formatted} left`,
    stream: process.stderr,
    clearOnComplete: true,
    hideCursor: true,
  });
  let started = false;
  return {
    update: ({ bytes, totalBytes }) => {
      if (!started && process.stderr.isTTY) bar.start(megabytes(totalBytes ?? bytes), 0);
      if (!started && !process.stderr.isTTY) process.stderr.write(`fetching ${name} ...\n`);
      started = true;
      if (process.stderr.isTTY) bar.update(megabytes(bytes));
    },
    stop: () => {
      if (started && process.stderr.isTTY) bar.stop();
      started = false;
    },
  };
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e5) / 10;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
