/** Runs in Chromium: what `browser-sources.test.ts` asks of the sources. */
import {
  fromDisplay,
  fromFile,
  fromMicrophone,
  fromResponse,
  fromTrack,
} from '../../../src/browser/sources/index.js';
import type { SoundBlock, SoundSource } from '../../../src/browser/sound-source.js';

const WORKLET = { workletUrl: 'capture-worklet.js' };

/** What comes of a source until `seconds` of it are there, or it ends. */
async function heard(source: SoundSource, seconds = Infinity) {
  const blocks: SoundBlock[] = [];
  const gaps: number[] = [];
  let error: string | undefined;
  let end = 0;
  try {
    for await (const block of source.open()) {
      const { rateHz, planes, atSeconds } = block;
      if (atSeconds !== undefined) gaps.push(atSeconds - end);
      end = (atSeconds ?? end) + planes[0]!.length / rateHz;
      blocks.push(block);
      if (end >= seconds) break;
    }
  } catch (fault) {
    const { code, message } = fault as { code?: string; message: string };
    error = `${code ?? 'no code'}: ${message}`;
  }
  const samples = blocks.flatMap(({ planes }) => [...planes[0]!]);
  const digest = await crypto.subtle.digest('SHA-256', Float32Array.from(samples));
  return {
    error,
    gaps,
    count: samples.length,
    peak: samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0),
    sha256: [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join(''),
    largest: blocks.reduce((most, { planes }) => Math.max(most, planes[0]!.length), 0),
    duration: source.durationSeconds,
    rateHz: blocks[0]?.rateHz,
    channels: blocks[0]?.planes.length,
    audio: source.audio,
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
