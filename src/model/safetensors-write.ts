import { WhospeaksError } from '../errors.js';
import { writeWholeFile } from '../whole-file.js';
import { canonicalShapes } from './plan.js';
import type { CanonicalModel } from './types.js';

/**
 * Serialise a model in the canonical form: BatchNorm fused, convolutions [out, kF, kT, in], F32, the names
 * of `CanonicalModel`, which are those of the published MLX file. The metadata keeps name, config
 * (WeSpeaker's field names) and calibration, so that the file needs no `config.json` beside it.
 */
export function encodeSafetensors(model: CanonicalModel): Uint8Array {
  const { config, name, calibration } = model;
  const header: Record<string, unknown> = {
    __metadata__: {
      format: 'whospeaks',
      name,
      config: JSON.stringify({
        num_blocks: config.blocks,
        m_channels: config.channels,
        feat_dim: config.featureSize,
        embed_dim: config.dimension,
        pooling: 'TSTP',
      }),
      ...(calibration && { calibration: JSON.stringify(calibration) }),
    },
  };
  let dataBytes = 0;
  for (const [tensor, shape] of canonicalShapes(config)) {
    const { byteLength } = model.tensors.get(tensor)!.data;
    header[tensor] = { dtype: 'F32', shape, data_offsets: [dataBytes, dataBytes + byteLength] };
    dataBytes += byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  // Spaces after the JSON bring the data to a multiple of 8, as the format asks.
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(8 + headerBytes + dataBytes).fill(0x20, 8, 8 + headerBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.set(json, 8);
  let at = 8 + headerBytes;
  for (const tensor of canonicalShapes(config).keys()) {
    const { data } = model.tensors.get(tensor)!;
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return file;
}

/** Write `encodeSafetensors(model)` to `path`: either the whole file appears there, or nothing changes. */
export async function writeSafetensors(model: CanonicalModel, path: string): Promise<void> {
  try {
    await writeWholeFile(path, encodeSafetensors(model));
  } catch (error) {
    throw new WhospeaksError(
      'model-unwritable',
      `cannot write ${path}: ${(error as Error).message}; check the folder, its rights and free space`,
      { cause: error },
    );
  }
}
