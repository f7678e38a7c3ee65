import { loadModel } from '../load-model.js';
import type { SpeakerModel, SpeakerModelOptions } from '../native/index.js';

/** Loads the model that a command names; where it is measured at its first use, says so on standard error. */
export async function openModel(
  name: string | undefined,
  options: SpeakerModelOptions = {},
): Promise<SpeakerModel> {
  const { isTTY } = process.stderr;
  const told = { any: false };
  const onMeasure = (share: number): void => {
    const text = 'measuring what the scores of this model mean, once';
    if (isTTY) process.stderr.write(`\r\x1b[K${text}: ${Math.round(100 * share)} %`);
    else if (!told.any) process.stderr.write(`${text}; this may take some minutes\n`);
    told.any = true;
  };
  try {
    return await loadModel(name, { ...options, onMeasure });
  } finally {
    if (told.any && isTTY) process.stderr.write('\r\x1b[K');
  }
}
