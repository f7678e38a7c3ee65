import { WhospeaksError } from '../errors.js';
import { quote } from './fault.js';

/** Terms under which a model's makers give it away. */
export interface ModelLicence {
  readonly licence: string;
  /** What the licence asks to be said wherever the model is used. */
  readonly attribution: string;
}

/** A file on a hub, by the name that users type. */
export interface RemoteModel {
  readonly name: string;
  readonly description: string;
  /** `owner/repo`. */
  readonly repo: string;
  /** Path inside the repo. */
  readonly file: string;
  /** Beginning of the sha256 that the makers publish; the whole hash is recorded at first use. */
  readonly sha256Prefix?: string | undefined;
  readonly terms: ModelLicence;
}

const WESPEAKER_TERMS: ModelLicence = {
  licence: 'CC BY 4.0',
  attribution:
    'WeSpeaker ResNet34-LM by the WeSpeaker team, trained on VoxCeleb (Nagrani, Chung, Xie, Zisserman); CC BY 4.0',
};

export const SEGMENTATION_TERMS: ModelLicence = {
  licence: 'MIT',
  attribution: 'pyannote/segmentation-3.0 by Hervé Bredin, CNRS (copyright (c) 2022 CNRS); MIT',
};

export const KNOWN_MODELS: readonly RemoteModel[] = [
  {
    name: 'wespeaker-voxceleb-resnet34-LM',
    description: "WeSpeaker's ResNet34-LM, 6.6 M parameters, as pyannote publishes it (PyTorch)",
    repo: 'pyannote/wespeaker-voxceleb-resnet34-LM',
    file: 'pytorch_model.bin',
    terms: WESPEAKER_TERMS,
  },
  {
    name: 'wespeaker-voxceleb-resnet34-LM-onnx',
    description: 'the same network as the WeSpeaker team publishes it (ONNX)',
    repo: 'Wespeaker/wespeaker-voxceleb-resnet34-LM',
    file: 'voxceleb_resnet34_LM.onnx',
    sha256Prefix: '7bb2f06e9',
    terms: WESPEAKER_TERMS,
  },
  {
    name: 'wespeaker-voxceleb-resnet34-LM-mlx',
    description: 'the same network with BatchNorm fused, in the layout of MLX (safetensors)',
    repo: 'aufklarer/WeSpeaker-ResNet34-LM-MLX',
    file: 'model.safetensors',
    terms: WESPEAKER_TERMS,
  },
  {
    name: 'segmentation-3.0',
    description: "pyannote's segmentation, 1.5 M parameters, as sherpa-onnx mirrors it (PyTorch)",
    // The original, pyannote/segmentation-3.0, gives its file to those alone who have accepted its conditions.
    repo: 'csukuangfj/pyannote-models',
    file: 'segmentation-3.0/pytorch_model.bin',
    terms: SEGMENTATION_TERMS,
  },
];

const SEGMENT = '[A-Za-z0-9][A-Za-z0-9._-]{0,95}';
const HUB_FILE = new RegExp(`^hf:(${SEGMENT}/${SEGMENT})/((?:${SEGMENT}/){0,8}${SEGMENT})$`);

/**
 * The remote model that a name stands for: one of `KNOWN_MODELS` by its name or its `owner/repo`, or any
 * `hf:owner/repo/path/to/file`. Undefined for anything else. Throws `model-not-found` for a malformed `hf:`.
 */
export function findRemoteModel(name: string): RemoteModel | undefined {
  const known = KNOWN_MODELS.find((model) => model.name === name || model.repo === name);
  if (known || !name.startsWith('hf:')) return known;
  const match = HUB_FILE.exec(name);
  if (!match) {
    throw new WhospeaksError('model-not-found', `model ${quote(name)}: expected hf:owner/repo/file`);
  }
  const [repo, file] = [match[1]!, match[2]!];
  const listed = KNOWN_MODELS.find((model) => model.repo === repo && model.file === file);
  return (
    listed ?? {
      name,
      description: `${file} of ${repo}`,
      repo,
      file,
      terms: { licence: 'unknown', attribution: `see the model card of ${repo}` },
    }
  );
}
