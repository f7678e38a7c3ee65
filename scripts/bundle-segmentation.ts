/**
 * Writes models/segmentation/model.safetensors from sherpa-onnx's conversion of pyannote/segmentation-3.0 (or any other
 * file of it that whospeaks reads): dequantised, matrices as float16.
 *
 *     npx tsx scripts/bundle-segmentation.ts sherpa-onnx-pyannote-segmentation-3-0/model.int8.onnx
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUNDLED_SEGMENTATION_FOLDER, encodeSegmentation, readSegmentation } from '../src/model/index.js';

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error('usage: tsx scripts/bundle-segmentation.ts FILE.onnx');
const weights = await readSegmentation(path);
const bytes = encodeSegmentation({ ...weights, name: 'segmentation-3.0' }, { halves: true });
writeFileSync(join(BUNDLED_SEGMENTATION_FOLDER, 'model.safetensors'), bytes);
console.log(`${bytes.length} bytes, fingerprint of the file's own weights ${weights.fingerprint}`);
