import { corrupt, quote, unsupported } from './fault.js';
import type { RawTensor } from './raw.js';

/** Spellings met in the wild, rewritten to one. `.norm` is ours, for the BatchNorm of a shortcut. */
const RENAMES: readonly (readonly [RegExp, string])[] = [
  [/\.layers\./g, '.'],
  [/\.(?:shortcut|downsample)\.0\./, '.shortcut.'],
  [/\.(?:shortcut|downsample)\.1\./, '.shortcut.norm.'],
  [/\.shortcut_conv\./, '.shortcut.'],
  [/\.shortcut_bn\./, '.shortcut.norm.'],
  [/^(?:seg_1|fc)\./, 'embedding.'],
];

/** Training-only tensors: the counter of BatchNorm and the classifier over the training speakers. */
const DROPPED = /(?:^|\.)num_batches_tracked$|^projection\./;

/** Signs of relatives that whospeaks does not run, and what to say about them. */
const RELATIVES: readonly (readonly [RegExp, string])[] = [
  [
    /^layer\d+\.\d+\.(?:conv3|bn3)\./,
    'a ResNet of Bottleneck blocks; only BasicBlock networks (ResNet18, ResNet34) are supported',
  ],
  [
    /^(?:seg_2|seg_bn|seg_bn_1)\./,
    'a network with two embedding layers; only two_emb_layer = false is supported',
  ],
  [/^pool\./, 'a network with a trained pooling layer; only statistics pooling (TSTP) is supported'],
  [/\.se\.|\.SE\./, 'a network with squeeze-and-excitation; only plain BasicBlocks are supported'],
];

/**
 * Bring a file's names to one spelling: wrappers' prefixes (`resnet.`, `module.`, ...) off, aliases
 * renamed, training-only tensors dropped. Throws `model-unsupported` for relatives of the family.
 */
export function normalizeNames(
  source: string,
  tensors: ReadonlyMap<string, RawTensor>,
): Map<string, RawTensor> {
  const prefix = findPrefix(source, tensors.keys());
  const named = new Map<string, RawTensor>();
  for (const [original, tensor] of tensors) {
    // Beside a wrapped network a checkpoint may hold its loss or its metrics.
    if (!original.startsWith(prefix)) continue;
    const name = rename(original.slice(prefix.length));
    if (DROPPED.test(name)) continue;
    const relative = RELATIVES.find(([sign]) => sign.test(name));
    if (relative) throw unsupported(source, `${relative[1]} (tensor ${quote(original)})`);
    if (named.has(name)) throw corrupt(source, `two tensors stand for ${quote(name)}`);
    named.set(name, tensor);
  }
  return named;
}

/** Everything before the first convolution's name. */
function findPrefix(source: string, names: Iterable<string>): string {
  const prefixes: string[] = [];
  for (const name of names) {
    const match = /^((?:[^.]+\.)*)conv1\.weight$/.exec(name);
    if (match && !/(?:^|\.)layer\d+\./.test(match[1]!)) prefixes.push(match[1]!);
  }
  if (prefixes.length === 0) {
    throw unsupported(source, 'holds no tensor "conv1.weight"; expected the weights of a WeSpeaker ResNet');
  }
  if (prefixes.length > 1) {
    throw unsupported(
      source,
      `holds several networks (${prefixes.map((p) => quote(`${p}conv1.weight`)).join(', ')})`,
    );
  }
  return prefixes[0]!;
}

function rename(name: string): string {
  let renamed = name;
  for (const [pattern, replacement] of RENAMES) renamed = renamed.replace(pattern, replacement);
  return renamed;
}
