/**
 * Take the pipeline apart: tap the features, put a stage of your own between, keep the embeddings.
 *
 *   npx tsx examples/embeddings.ts examples/audio/meeting.wav
 */
import { filter, tap } from 'rxjs';
import { cosineSimilarity, fromFile, SpeakerModel } from 'whospeaks';
import { chunks, Demand, embeddings, features, frames, nativeFrontEnd, windows } from 'whospeaks/stages';

const model = await SpeakerModel.fromPretrained();
const demand = new Demand(8);
let frameCount = 0;
let previous: Float32Array | null = null;

chunks(fromFile(process.argv[2] ?? 'examples/audio/meeting.wav'), demand)
  .pipe(
    frames(),
    features(nativeFrontEnd),
    tap((block) => (frameCount += block.count)),
    windows({ windowMs: 1500, stepMs: 750 }),
    filter((window) => window.speechRatio > 0.8),
    embeddings(model, { demand }),
  )
  .subscribe({
    next: ({ endSample, embedding }) => {
      if (embedding && previous) {
        console.log(
          `${(endSample / 16_000).toFixed(2)} s: cosine with the window before ${cosineSimilarity(embedding, previous).toFixed(3)}`,
        );
      }
      previous = embedding;
    },
    error: (error: unknown) => {
      console.error(error);
      process.exitCode = 1;
    },
    complete: () => {
      console.log(`${frameCount} frames of 80 log-mel bins`);
      model.close();
    },
  });
