import { SegmentationModel } from 'whospeaks';
import { segmentedWindows, type Cache } from './embed.js';
import type { Recording } from './recordings.js';

/** The recordings as `identify` hears them with the bundled segmentation network. */
export async function segmentedRecordings(
  recordings: readonly Recording[],
  cache: Cache,
  key: string,
): Promise<Recording[]> {
  const segmenter = await SegmentationModel.bundled();
  try {
    const out: Recording[] = [];
    for (const recording of recordings) {
      const { id, spec, windows } = recording;
      const heard = await cache.get([key, 'segmented', segmenter.fingerprint, id, spec], async () =>
        segmentedWindows(segmenter, await recording.samples(), windows),
      );
      out.push({ ...recording, windows: heard });
    }
    return out;
  } finally {
    segmenter.close();
  }
}
