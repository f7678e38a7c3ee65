import { corrupt, quote, unsupported } from './fault.js';
import type { RawTensor } from './raw.js';

/** Spellings met in the wild, rewritten to one. `.norm` is ours, for the BatchNorm of a shortcut. */
const RENAMES: readonly (readonly [RegExp, string])[] = [
  [/\.layers\./g, '.'],
  [/\.(?:shortcut|downsample)\.0\./, '.shortcut.'],
  [/\.(?:shortcut|downsample)\.1\./, '.shortcut.norm.'],
  [/\.shortcut_conv\./, '.shortcut.'],
  [/\.shortcut_bn\./, '.shortcut.norm.'],
  [/^(?:seg_1|fc|bottleneck)\./, 'embedding.'],
  [/^pool\.linear([12])\./, 'attention$1.'],
  [/^pooling\.attention\.0\./, 'attention1.'],
  [/^pooling\.attention\.2\./, 'attention1.norm.'],
  [/^pooling\.attention\.3\./, 'attention2.'],
];

/** The same of a network with two embedding layers, before the others. */
const TWO_LAYERS: typeof RENAMES = [
  [/^seg_1\./, 'hidden.'],
  [/^seg_bn_1\./, 'hidden.norm.'],
  [/^seg_2\./, 'embedding.'],
];

/** Training-only tensors: the counter of BatchNorm and the classifier over the training speakers. */
const DROPPED = /(?:^|\.)num_batches_tracked$|^projection\./;

/** Signs of relatives that whospeaks does not run, and what to say about them. */
const RELATIVES: readonly (readonly [RegExp, string])[] = [
  [/^pool\./, 'another trained pooling layer; only TSTP, ASTP and ASP are supported'],
  [/\.se\.|\.SE\./, 'a network with squeeze-and-excitation; only plain blocks and SimAM are supported'],
];

/** A file's tensors under one spelling. */
export interface NamedTensors {
  readonly tensors: ReadonlyMap<string, RawTensor>;
  /** What stood before the names of the first convolution: `resnet.`. */
  readonly prefix: string;
}

/**
 * Bring a file's names to one spelling: wrappers' prefixes (`resnet.`, `module.`, ...) off, aliases
 * renamed, training-only tensors dropped. Throws `model-unsupported` for relatives of the family.
 */
export function normalizeNames(source: string, tensors: ReadonlyMap<string, RawTensor>): NamedTensors {
  const prefix = findPrefix(source, tensors.keys());
  // SimAM's networks have their convolutions under one name, what follows beside them.
  const wrapper = prefix.replace(/(?:^|(?<=\.))front\.$/, '');
  const renames = tensors.has(`${wrapper}seg_2.weight`) ? [...TWO_LAYERS, ...RENAMES] : RENAMES;
  const named = new Map<string, RawTensor>();
  for (const [original, tensor] of tensors) {
    // Beside a wrapped network a checkpoint may hold its loss or its metrics.
    if (!original.startsWith(wrapper)) continue;
    const start = original.startsWith(prefix) ? prefix.length : wrapper.length;
    const name = renamed(original.slice(start), renames);
    if (DROPPED.test(name)) continue;
    const relative = RELATIVES.find(([sign]) => sign.test(name));
    if (relative) throw unsupported(source, `${relative[1]} (tensor ${quote(original)})`);
    if (named.has(name)) throw corrupt(source, `two tensors stand for ${quote(name)}`);
    named.set(name, tensor);
  }
  return { tensors: named, prefix };
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

function renamed(name: string, renames: typeof RENAMES): string {
  return renames.reduce((at, [pattern, replacement]) => at.replace(pattern, replacement), name);
}
