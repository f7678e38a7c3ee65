/** Runs in Chromium: what `browser-sources.test.ts` asks of the sources. */
import {
  fromDisplay,
  fromFile,
  fromMicrophone,
  fromResponse,
  fromTrack,
} from '../../../src/browser/sources/index.js';
import type { AudioChunk, AudioSource } from '../../../src/stream/types.js';

const WORKLET = { workletUrl: 'capture-worklet.js' };

/** What comes of a source until `seconds` of it are there, or it ends. */
async function heard(source: AudioSource, seconds = Infinity) {
  const chunks: AudioChunk[] = [];
  let error: string | undefined;
  try {
    for await (const chunk of source) {
      chunks.push(chunk);
      if (chunk.startSample + chunk.samples.length >= seconds * 16_000) break;
    }
  } catch (fault) {
    const { code, message } = fault as { code?: string; message: string };
    error = `${code ?? 'no code'}: ${message}`;
  }
  const samples = chunks.flatMap(({ samples }) => [...samples]);
  let end = 0;
  const gaps = chunks.flatMap(({ startSample, samples }) => {
    const gap = startSample - end;
    end = startSample + samples.length;
    return gap === 0 ? [] : [gap / 16_000];
  });
  const digest = await crypto.subtle.digest('SHA-256', Float32Array.from(samples));
  return {
    error,
    gaps,
    count: samples.length,
    peak: samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0),
    sha256: [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join(''),
    largest: chunks.reduce((most, chunk) => Math.max(most, chunk.samples.length), 0),
    duration: source.durationSamples,
    channels: source.channels,
    isLive: source.live,
  };
}

/** A track of a tone, as a participant's. */
function tone(): { track: MediaStreamTrack; context: AudioContext } {
  const context = new AudioContext();
  const oscillator = new OscillatorNode(context, { frequency: 440 });
  const destination = context.createMediaStreamDestination();
  oscillator.connect(destination);
  oscillator.start();
  return { track: destination.stream.getAudioTracks()[0]!, context };
}

/** The track of a participant of a call who has not come yet. */
function remote(): Promise<string | undefined> {
  const { track } = new RTCPeerConnection().addTransceiver('audio').receiver;
  return heard(fromTrack(track, WORKLET), 0.5).then(({ error }) => error);
}

// By itself: what a test runs in a page counts as a touch of the user.
if (location.hash === '#alone') void remote().then((error) => (document.title = error ?? 'heard'));

export const api = {
  remote,
  heard,
  tone,
  microphone: () => fromMicrophone(WORKLET),
  display: () => fromDisplay(WORKLET),
  ofTrack: (track: MediaStreamTrack, options: object = {}) => fromTrack(track, { ...WORKLET, ...options }),
  fromFile,
  fromResponse,
};
Object.assign(globalThis, { api });
