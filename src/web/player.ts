import { captureStream, type Capture } from '../client/index.js';
import { WORKLET_URL } from './enrol-recorder.js';

/** A recording played aloud, captured as if it were the microphone. */
export interface Playing {
  readonly capture: Capture;
  readonly ended: Promise<void>;
}

/** @throws where the browser cannot decode the file */
export async function play(file: File): Promise<Playing> {
  const context = new AudioContext();
  try {
    const buffer = await context.decodeAudioData(await file.arrayBuffer());
    const source = context.createBufferSource();
    const captured = context.createMediaStreamDestination();
    source.buffer = buffer;
    source.connect(captured);
    source.connect(context.destination);
    const capture = await captureStream(captured.stream, { workletUrl: WORKLET_URL }, () => {
      void context.close();
    });
    const ended = new Promise<void>((resolve) => {
      source.onended = () => {
        resolve();
      };
    });
    source.start();
    return { capture, ended };
  } catch (cause) {
    void context.close();
    throw new Error(`this browser cannot play ${file.name}; use wav, mp3, m4a or ogg`, { cause });
  }
}
