import { SingleBar } from 'cli-progress';
import { Command } from 'commander';
import { WhospeaksError } from '../errors.js';
import {
  cachedPath,
  cacheFolder,
  countMultiplyAdds,
  countParameters,
  countSegmentationParameters,
  findModelFile,
  findRemoteModel,
  KNOWN_MODELS,
  modelTerms,
  pullModel,
  readAnyModel,
  readRecord,
  resolveModel,
  writeAnyModel,
  type AnyModel,
  type CanonicalModel,
  type DownloadProgress,
  type ForeignModel,
  type ModelFrontEnd,
  type RemoteModel,
  type ResNetConfig,
  type SegmentationWeights,
} from '../model/index.js';
import { SEGMENTATION_FIELD_SAMPLES, SEGMENTATION_STEP_SAMPLES, WINDOW_FRAMES } from '../stream/geometry.js';
import { onInterrupt } from './on-interrupt.js';

interface JsonOption {
  readonly json?: true;
}

/** `whospeaks model`: the networks that turn speech into voices. */
export function modelCommand(): Command {
  const command = new Command('model');
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
    const model = await readAnyModel(pulled.path);
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
  const any = await readAnyModel(path);
  const terms = await modelTerms(path);
  const licence = terms ? `${terms.licence}. ${terms.attribution}` : 'not known to whospeaks';
  if (json) {
    const own = jsonOf(any);
    const of = { licence: terms?.licence ?? null, attribution: terms?.attribution ?? null };
    print(JSON.stringify({ name: any.model.name, kind: any.kind, file: path, ...own, ...of }, null, 2));
    return;
  }
  const rows = rowsOf(any);
  for (const [key, value] of Object.entries({ model: any.model.name, file: path, ...rows, licence }))
    print(`${key.padEnd(12)} ${value}`);
}

function rowsOf(any: AnyModel): Record<string, string> {
  if (any.kind === 'embedding') return embeddingRows(any.model);
  return any.kind === 'foreign' ? foreignRows(any.model) : segmentationRows(any.model);
}

function jsonOf(any: AnyModel): object {
  if (any.kind === 'embedding') return embeddingJson(any.model);
  return any.kind === 'foreign' ? foreignJson(any.model) : segmentationJson(any.model);
}

function foreignRows({ fingerprint, network }: ForeignModel): Record<string, string> {
  const { frontEnd, dimension, bytes } = network;
  return {
    network: `an ONNX graph, ${megabytes(bytes.length)} MB, which onnxruntime-node runs`,
    hears: describeFrontEnd(frontEnd),
    embedding: dimension === undefined ? 'of a size that the file does not state' : `${dimension} numbers`,
    fingerprint,
  };
}

function describeFrontEnd(frontEnd: ModelFrontEnd): string {
  if (frontEnd.kind === 'waveform') return 'samples';
  if (frontEnd.kind === 'nemo') return `${frontEnd.bins} mel bins as NeMo computes them`;
  const { bins, window, scale, subtractsMean } = frontEnd;
  const mean = subtractsMean ? 'minus their mean' : 'their mean kept';
  return `${bins} mel bins as Kaldi computes them, ${window} window, samples to ${scale}, ${mean}`;
}

function foreignJson({ fingerprint, network: { frontEnd, dimension } }: ForeignModel): object {
  return { frontEnd, dimension: dimension ?? null, fingerprint };
}

function segmentationRows({ fingerprint }: SegmentationWeights): Record<string, string> {
  return {
    network: 'segmentation (PyanNet): who of 3 local speakers speaks, in 7 classes',
    frames: `${SEGMENTATION_STEP_SAMPLES} samples apart, each hears ${SEGMENTATION_FIELD_SAMPLES}`,
    parameters: `${(countSegmentationParameters() / 1e6).toFixed(2)} M`,
    fingerprint,
  };
}

function segmentationJson({ fingerprint }: SegmentationWeights): object {
  return {
    parameters: countSegmentationParameters(),
    frameStepSamples: SEGMENTATION_STEP_SAMPLES,
    receptiveFieldSamples: SEGMENTATION_FIELD_SAMPLES,
    fingerprint,
  };
}

function embeddingRows(model: CanonicalModel): Record<string, string> {
  const { dimension } = model.config;
  return {
    network: describeResNet(model.config),
    embedding: `${dimension} numbers`,
    parameters: `${(countParameters(model.config) / 1e6).toFixed(2)} M`,
    work: `${(countMultiplyAdds(model.config, WINDOW_FRAMES) / 1e9).toFixed(2)} G multiply-adds for ${WINDOW_FRAMES} frames (1.5 s)`,
    fingerprint: model.fingerprint,
    calibration: model.calibration
      ? `log-odds = ${model.calibration.scale} * cosine + ${model.calibration.offset}`
      : 'none measured',
  };
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
  const model = await readAnyModel(await resolveModel(from));
  await writeAnyModel(model, to);
  print(`wrote ${to}: ${describe(model)}`);
}

async function list({ json }: JsonOption): Promise<void> {
  const folder = cacheFolder();
  const models = await Promise.all(
    KNOWN_MODELS.map(async (model) => {
      const path = cachedPath(model, folder);
      const record = await readRecord(path);
      const { terms, sha256Prefix, release, ...facts } = model;
      const { licence, attribution } = terms;
      const isPinned = sha256Prefix !== undefined;
      return { ...facts, licence, attribution, isPinned, cached: record ? path : null };
    }),
  );
  if (json) {
    print(JSON.stringify({ cacheFolder: folder, models }, null, 2));
    return;
  }
  for (const model of models) {
    print(`${model.name}: ${[model.description, ...factsOf(model)].join('; ')}`);
  }
  print('hf:owner/repo/file: any other of these networks on the hub');
  print('EER: VoxCeleb1-O, cosine scores, as the makers publish it; not measured here yet');
}

/** What is known of a model, for its line in the list. */
function factsOf(
  model: Pick<RemoteModel, 'parameters' | 'megabytes' | 'language' | 'eer' | 'runner'> & {
    readonly licence: string;
    readonly isPinned: boolean;
    readonly cached: string | null;
  },
): string[] {
  const { parameters, megabytes, language, eer, runner, licence, isPinned, cached } = model;
  return [
    ...(parameters === undefined ? [] : [`${parameters} M parameters`]),
    ...(megabytes === undefined ? [] : [`${megabytes} MB`]),
    ...(language === undefined ? [] : [language]),
    ...(eer === undefined ? [] : [`EER ${eer.percent} % (${eer.source})`]),
    ...(runner === 'onnxruntime' ? ['needs onnxruntime-node'] : []),
    licence,
    isPinned ? 'checksum pinned' : 'checksum recorded at first use',
    ...(cached === null ? [] : [`in the cache: ${cached}`]),
  ];
}

function embeddingJson(model: CanonicalModel): object {
  return {
    config: model.config,
    parameters: countParameters(model.config),
    multiplyAdds: countMultiplyAdds(model.config, WINDOW_FRAMES),
    frames: WINDOW_FRAMES,
    fingerprint: model.fingerprint,
    calibration: model.calibration ?? null,
  };
}

/** `ResNet of BasicBlocks 3, 4, 6, 3; 32 channels, 80 mel bins`. */
function describeResNet({ blocks, channels, featureSize, block, attention, hidden }: ResNetConfig): string {
  const kinds = { bottleneck: 'Bottlenecks', simam: 'BasicBlocks with SimAM' };
  const parts = [
    `ResNet of ${block === undefined ? 'BasicBlocks' : kinds[block]} ${blocks.join(', ')}`,
    `${channels} channels, ${featureSize} mel bins`,
    ...(attention === undefined ? [] : [`attentive pooling (${attention.kind})`]),
    ...(hidden === undefined ? [] : ['two embedding layers']),
  ];
  return parts.join('; ');
}

function describe(any: AnyModel): string {
  if (any.kind === 'foreign') {
    return `${any.model.name}, for onnxruntime-node, fingerprint ${any.model.fingerprint.slice(0, 16)}`;
  }
  const { kind, model } = any;
  const count = kind === 'embedding' ? countParameters(model.config) : countSegmentationParameters();
  const output = kind === 'embedding' ? `${model.config.dimension} numbers` : 'segmentation';
  const fingerprint = model.fingerprint.slice(0, 16);
  return `${model.name}, ${(count / 1e6).toFixed(2)} M parameters, ${output}, fingerprint ${fingerprint}`;
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
