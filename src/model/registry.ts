import { WhospeaksError } from '../errors.js';
import { quote } from './fault.js';

/** Terms under which a model's makers give it away. */
export interface ModelLicence {
  readonly licence: string;
  /** What the licence asks to be said wherever the model is used. */
  readonly attribution: string;
}

/** A file on a hub, by the name that users type. What its makers do not state is left out. */
export interface RemoteModel {
  readonly name: string;
  readonly description: string;
  /** `owner/repo`, of Hugging Face; of GitHub where there is a `release`. */
  readonly repo: string;
  /** Path inside the repo, or name of the release's file. */
  readonly file: string;
  /** Tag of the GitHub release that has the file. */
  readonly release?: string | undefined;
  /** Beginning of the sha256 that the makers publish; the whole hash is recorded at first use. */
  readonly sha256Prefix?: string | undefined;
  readonly terms: ModelLicence;
  /** Millions. */
  readonly parameters?: number | undefined;
  readonly megabytes?: number | undefined;
  /** What it is trained on. */
  readonly language?: string | undefined;
  /** Equal error rate on VoxCeleb1-O, percent, plain cosine scores, and who says so. */
  readonly eer?: { readonly percent: number; readonly source: string } | undefined;
  /** What runs it: our own engines, or onnxruntime-node. Absent: a segmentation network. */
  readonly runner?: 'own' | 'onnxruntime' | undefined;
}

const WESPEAKER_RESULTS = 'github.com/wenet-e2e/wespeaker, examples/voxceleb/v2/README.md';
const SPEAKER_3D_RESULTS = 'github.com/modelscope/3D-Speaker, README.md';

const wespeakerTerms = (model: string, data: string): ModelLicence => ({
  licence: 'CC BY 4.0',
  attribution: `WeSpeaker ${model} by the WeSpeaker team, trained on ${data}; CC BY 4.0`,
});
const VOXCELEB = 'VoxCeleb (Nagrani, Chung, Xie, Zisserman)';

const WESPEAKER_TERMS = wespeakerTerms('ResNet34-LM', VOXCELEB);

const SPEAKER_3D_TERMS: ModelLicence = {
  licence: 'Apache-2.0',
  attribution: '3D-Speaker by the Speech Lab of Alibaba Group, exported by sherpa-onnx; Apache-2.0',
};

export const SEGMENTATION_TERMS: ModelLicence = {
  licence: 'MIT',
  attribution: 'pyannote/segmentation-3.0 by Hervé Bredin, CNRS (copyright (c) 2022 CNRS); MIT',
};

/** Of the files that WeSpeaker puts on Hugging Face for its large ResNets. */
function wespeakerResNet(
  depth: number,
  facts: Pick<RemoteModel, 'parameters' | 'megabytes' | 'eer'>,
): RemoteModel {
  return {
    name: `wespeaker-voxceleb-resnet${depth}-LM`,
    description: `WeSpeaker's ResNet${depth}-LM (ONNX)`,
    repo: `Wespeaker/wespeaker-voxceleb-resnet${depth}-LM`,
    file: `voxceleb_resnet${depth}_LM.onnx`,
    terms: wespeakerTerms(`ResNet${depth}-LM`, VOXCELEB),
    language: 'English',
    runner: 'own',
    ...facts,
  };
}

/** Of the files that sherpa-onnx publishes, whose metadata say what they hear. */
function sherpa(name: string, facts: Omit<RemoteModel, 'name' | 'repo' | 'file' | 'runner'>): RemoteModel {
  const repo = facts.release === undefined ? 'csukuangfj/speaker-embedding-models' : 'k2-fsa/sherpa-onnx';
  return { name, repo, file: `${name}.onnx`, runner: 'onnxruntime', ...facts };
}

const RESNET34_LM: Pick<RemoteModel, 'parameters' | 'language' | 'eer' | 'runner' | 'terms'> = {
  terms: WESPEAKER_TERMS,
  parameters: 6.63,
  language: 'English',
  eer: { percent: 0.797, source: WESPEAKER_RESULTS },
  runner: 'own',
};

export const KNOWN_MODELS: readonly RemoteModel[] = [
  {
    name: 'wespeaker-voxceleb-resnet34-LM',
    description: "WeSpeaker's ResNet34-LM, as pyannote publishes it (PyTorch)",
    repo: 'pyannote/wespeaker-voxceleb-resnet34-LM',
    file: 'pytorch_model.bin',
    megabytes: 26.6,
    ...RESNET34_LM,
  },
  {
    name: 'wespeaker-voxceleb-resnet34-LM-onnx',
    description: 'the same network as the WeSpeaker team publishes it (ONNX)',
    repo: 'Wespeaker/wespeaker-voxceleb-resnet34-LM',
    file: 'voxceleb_resnet34_LM.onnx',
    sha256Prefix: '7bb2f06e9',
    megabytes: 26.5,
    ...RESNET34_LM,
  },
  {
    name: 'wespeaker-voxceleb-resnet34-LM-mlx',
    description: 'the same network with BatchNorm fused, in the layout of MLX (safetensors)',
    repo: 'aufklarer/WeSpeaker-ResNet34-LM-MLX',
    file: 'model.safetensors',
    ...RESNET34_LM,
  },
  wespeakerResNet(152, { megabytes: 79.2 }),
  wespeakerResNet(221, {
    parameters: 23.79,
    megabytes: 95,
    eer: { percent: 0.58, source: WESPEAKER_RESULTS },
  }),
  wespeakerResNet(293, {
    parameters: 28.62,
    megabytes: 114,
    eer: { percent: 0.532, source: WESPEAKER_RESULTS },
  }),
  {
    name: 'wespeaker-voxblink2-samresnet34',
    description:
      "WeSpeaker's SimAM-ResNet34 before its fine-tuning on VoxCeleb2, as gaunernst mirrors it (PyTorch)",
    repo: 'gaunernst/wespeaker-voxblink2-samresnet34',
    file: 'avg_model.pt',
    terms: {
      licence: 'not stated by the mirror',
      attribution: 'WeSpeaker SimAM-ResNet34 by the WeSpeaker team, trained on VoxBlink2',
    },
    parameters: 25.2,
    megabytes: 101,
    runner: 'own',
  },
  sherpa('3dspeaker_speech_campplus_sv_en_voxceleb_16k', {
    description: "3D-Speaker's CAM++ (ONNX)",
    terms: SPEAKER_3D_TERMS,
    parameters: 7.2,
    megabytes: 29.6,
    language: 'English',
    eer: { percent: 0.73, source: SPEAKER_3D_RESULTS },
  }),
  sherpa('3dspeaker_speech_campplus_sv_zh_en_16k-common_advanced', {
    description: "3D-Speaker's CAM++ of 200,000 speakers (ONNX)",
    terms: SPEAKER_3D_TERMS,
    megabytes: 28.3,
    language: 'Chinese and English',
  }),
  sherpa('3dspeaker_speech_eres2net_sv_en_voxceleb_16k', {
    description: "3D-Speaker's ERes2Net (ONNX)",
    terms: SPEAKER_3D_TERMS,
    megabytes: 26.5,
    language: 'English',
    eer: { percent: 0.97, source: SPEAKER_3D_RESULTS },
  }),
  sherpa('3dspeaker_speech_eres2netv2_sv_zh-cn_16k-common', {
    description: "3D-Speaker's ERes2NetV2 of 200,000 speakers (ONNX)",
    terms: SPEAKER_3D_TERMS,
    parameters: 17.8,
    megabytes: 71.4,
    language: 'Chinese',
  }),
  sherpa('nemo_en_titanet_small', {
    description: "NVIDIA NeMo's TitaNet-S (ONNX)",
    release: 'speaker-recongition-models',
    terms: {
      licence: 'see catalog.ngc.nvidia.com, titanet_small',
      attribution: 'TitaNet-S by NVIDIA, exported by sherpa-onnx',
    },
    parameters: 6,
    megabytes: 40.3,
    language: 'English',
  }),
  sherpa('nemo_en_titanet_large', {
    description: "NVIDIA NeMo's TitaNet-L (ONNX)",
    release: 'speaker-recongition-models',
    terms: {
      licence: 'CC BY 4.0',
      attribution: 'TitaNet-L by NVIDIA, exported by sherpa-onnx; CC BY 4.0',
    },
    parameters: 25.3,
    megabytes: 97,
    language: 'English',
    eer: { percent: 0.68, source: 'catalog.ngc.nvidia.com, titanet_large' },
  }),
  {
    name: 'redimnet2-b3-vox2-lm',
    description:
      'ReDimNet2-B3 of Palabra.ai, with its front end in the graph, as soulmachine exports it (ONNX)',
    repo: 'soulmachine/evertranscript-redimnet2-b3-vox2-lm',
    file: 'redimnet2-b3-vox2-lm.onnx',
    terms: { licence: 'MIT', attribution: 'ReDimNet2 by Palabra.ai (copyright (c) 2026 Palabra.ai); MIT' },
    language: 'English',
    eer: { percent: 0.42, source: 'github.com/PalabraAI/redimnet2' },
    runner: 'onnxruntime',
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

/** Whether its repository stands for it: no other model that is known comes from there. */
function isAlone({ repo }: RemoteModel): boolean {
  return KNOWN_MODELS.filter((model) => model.repo === repo).length === 1;
}

/**
 * The remote model that a name stands for: one of `KNOWN_MODELS` by its name or its `owner/repo`, or any
 * `hf:owner/repo/path/to/file`. Undefined for anything else. Throws `model-not-found` for a malformed `hf:`.
 */
export function findRemoteModel(name: string): RemoteModel | undefined {
  const known = KNOWN_MODELS.find((model) => model.name === name || (isAlone(model) && model.repo === name));
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
