import { z } from 'zod';
import { corrupt, quote, unsupported } from './fault.js';
import { FRONT_END_FACTS, type FrontEndFacts } from './onnx/front-end.js';
import type { Calibration, Scoring } from './types.js';
import { SAMPLE_RATE_HZ } from '../stream/geometry.js';

const size = z.number().int().min(1).max(65_536);
const number = z.number().refine(Number.isFinite);

/** WeSpeaker's names. */
const POOLINGS = ['TSTP', 'ASTP', 'ASP'] as const;

/** How scores are to be read: in a model's config, and what `whospeaks calibrate` writes. */
export const scoringSchema = z.object({
  impostorMean: number,
  impostorDeviation: number.refine((value) => value > 0, 'expected above 0'),
  genuineMean: number,
  genuineGrowth: number,
  turnDeviation: number.refine((value) => value > 0, 'expected above 0'),
  streamDeviation: number.refine((value) => value > 0, 'expected above 0'),
});

/** A file beside the config, never a path that leads elsewhere. */
const fileBesideSchema = z.object({
  file: z.string().regex(/^[\w.-]{1,100}$/, 'expected a plain file name'),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'expected 64 hex digits')
    .optional(),
});
export type FileBeside = z.output<typeof fileBesideSchema>;

const cohortSchema = fileBesideSchema.extend({ tensor: z.string().default('embeddings') });

/** What a file may say about itself beside its tensors: WeSpeaker's names, and the plain ones. */
const schema = z.looseObject({
  name: z.string().min(1).max(200).optional(),
  num_blocks: z.array(size).length(4).optional(),
  m_channels: size.optional(),
  feat_dim: size.optional(),
  embed_dim: size.optional(),
  block: z.enum(['basic', 'bottleneck', 'simam']).optional(),
  pooling: z.string().optional(),
  pooling_func: z.string().optional(),
  two_emb_layer: z.boolean().optional(),
  sample_rate: z.union([z.number(), z.string()]).optional(),
  framework: z.string().optional(),
  calibration: z.object({ scale: number, offset: number }).optional(),
  scoring: scoringSchema.optional(),
  cohort: cohortSchema.optional(),
  overlap: fileBesideSchema.optional(),
});

/** The part of a config that whospeaks uses. Sizes are checked against the tensors, never trusted alone. */
export interface ConfigHints {
  readonly name?: string | undefined;
  readonly blocks?: readonly number[] | undefined;
  readonly channels?: number | undefined;
  readonly featureSize?: number | undefined;
  readonly dimension?: number | undefined;
  readonly block?: 'basic' | 'bottleneck' | 'simam' | undefined;
  readonly pooling?: (typeof POOLINGS)[number] | undefined;
  readonly hasTwoLayers?: boolean | undefined;
  readonly calibration?: Calibration | undefined;
  readonly scoring?: Scoring | undefined;
  readonly cohort?: z.output<typeof cohortSchema> | undefined;
  readonly overlap?: FileBeside | undefined;
  /** What it says of the front end of a network that onnxruntime runs. */
  readonly facts?: FrontEndFacts | undefined;
}

/** Check a parsed config. Throws `model-corrupt` for ill-typed fields, `model-unsupported` for relatives. */
export function parseConfig(source: string, value: unknown): ConfigHints {
  const result = schema.safeParse(value);
  if (!result.success) {
    const issue = result.error.issues[0]!;
    throw corrupt(source, `config field ${quote(issue.path.join('.'))}: ${issue.message}`);
  }
  const config = result.data;
  const stated = config.pooling ?? config.pooling_func;
  const pooling = POOLINGS.find((known) => known === stated);
  if (stated !== undefined && pooling === undefined) {
    throw unsupported(source, `pooling ${quote(stated)}; supported are ${POOLINGS.join(', ')}`);
  }
  if (config.sample_rate !== undefined && Number(config.sample_rate) !== SAMPLE_RATE_HZ) {
    throw unsupported(
      source,
      `made for ${config.sample_rate} Hz; only ${SAMPLE_RATE_HZ} Hz models are supported`,
    );
  }
  return {
    name: config.name,
    blocks: config.num_blocks,
    channels: config.m_channels,
    featureSize: config.feat_dim,
    dimension: config.embed_dim,
    block: config.block,
    pooling,
    hasTwoLayers: config.two_emb_layer,
    calibration: config.calibration,
    scoring: config.scoring,
    cohort: config.cohort,
    overlap: config.overlap,
    facts: Object.fromEntries(
      FRONT_END_FACTS.flatMap((key) => {
        const value = config[key];
        return typeof value === 'string' || typeof value === 'number' ? [[key, String(value)]] : [];
      }),
    ),
  };
}

/** The same of a `config.json`'s text. */
export function parseConfigText(source: string, text: string): ConfigHints {
  if (text.length > 1 << 20) throw corrupt(source, 'the config is longer than 1 MiB');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw corrupt(source, 'the config is not JSON', error);
  }
  return parseConfig(source, value);
}

/** What a file says of itself, else what the config beside it says, else its name. */
export function withDefaults(own: ConfigHints, beside: ConfigHints, name: string | undefined): ConfigHints {
  const defined = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
  return {
    name,
    ...Object.fromEntries(Object.entries(beside).filter(([, value]) => value !== undefined)),
    ...defined,
  };
}
