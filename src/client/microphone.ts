import { Subject, type Observable } from 'rxjs';
import { WhospeaksError } from '../errors.js';
import { installCapture } from './capture-worklet.js';
import { levelOf, type Level } from './level.js';
import { Resampler } from './resampler.js';
import { SAMPLE_RATE_HZ } from '../stream/geometry.js';

/** What the client sends, whatever rate the sound card runs at. */
export const CAPTURE_RATE_HZ = SAMPLE_RATE_HZ;

export interface CaptureOptions {
  /**
   * Where the browser loads `capture-worklet.js` from; default: beside this module, which Vite and webpack
   * understand, and where it is not there, from a `blob:` of its text. It must be of the page's own origin where a content security policy says so.
   */
  readonly workletUrl?: string | URL;
}

export interface MicrophoneOptions extends CaptureOptions {
  /** Which input; default: the one that the user or the system chose. */
  readonly deviceId?: string;
  /** What the browser does to the sound before we get it. All off by default: it changes voices. */
  readonly echoCancellation?: boolean;
  readonly noiseSuppression?: boolean;
  readonly autoGainControl?: boolean;
}

/** A browser's `MediaStream`; a program that is compiled without the DOM library needs no name for it. */
export type SoundStream = typeof globalThis extends { MediaStream: { prototype: infer Stream } }
  ? Stream
  : object;

/** Live sound, mono at 16 kHz, about every 21 ms. */
export interface Capture {
  /** -1 to 1. Completes with `close()`; errors with `microphone-failed` when the device goes away. */
  readonly samples$: Observable<Float32Array>;
  /** How loud each block was, measured before muting, so that a meter can say "you are muted". */
  readonly level$: Observable<Level>;
  /** True sends silence: the stream's time goes on, and nothing is heard. */
  muted: boolean;
  close(): void;
}

/**
 * The microphone of a browser. Asks the user; call it from a click, or phones keep it silent.
 * @throws WhospeaksError `microphone-unavailable`: refused, absent, in use, or the page is not served securely
 */
export async function openMicrophone(options: MicrophoneOptions = {}): Promise<Capture> {
  // In an insecure page the property is absent, whatever its type says.
  const devices = (globalThis.navigator as Partial<Navigator> | undefined)?.mediaDevices;
  if (devices === undefined) {
    throw new WhospeaksError(
      'microphone-unavailable',
      'this page may not use the microphone; open it by https, or on localhost',
    );
  }
  const { deviceId, echoCancellation = false, noiseSuppression = false, autoGainControl = false } = options;
  let stream: MediaStream;
  try {
    const device = deviceId === undefined ? {} : { deviceId: { exact: deviceId } };
    stream = await devices.getUserMedia({
      audio: { ...device, channelCount: 1, echoCancellation, noiseSuppression, autoGainControl },
    });
  } catch (cause) {
    throw new WhospeaksError('microphone-unavailable', refusal(cause), { cause });
  }
  try {
    return await captureStream(stream, options, () => {
      for (const track of stream.getTracks()) track.stop();
    });
  } catch (error) {
    for (const track of stream.getTracks()) track.stop();
    throw error;
  }
}

/**
 * The sound of any MediaStream: a microphone, or the track of one participant of a call. Closing leaves the
 * stream's tracks alone.
 * @throws WhospeaksError `microphone-failed` where the browser cannot run the capture
 */
export async function captureStream(
  stream: SoundStream,
  { workletUrl }: CaptureOptions = {},
  onClose: () => void = () => undefined,
): Promise<Capture> {
  const context = new AudioContext({ latencyHint: 'interactive' });
  try {
    await addWorklet(context.audioWorklet, workletUrl);
    const resampler = new Resampler(context.sampleRate);
    const source = context.createMediaStreamSource(stream);
    const node = new AudioWorkletNode(context, 'whospeaks-capture', { numberOfOutputs: 0 });
    source.connect(node);
    await context.resume();
    return capture(context, node, resampler, stream, onClose);
  } catch (cause) {
    void context.close();
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new WhospeaksError('microphone-failed', `the browser cannot capture sound: ${why}`, { cause });
  }
}

async function addWorklet(worklet: AudioWorklet, workletUrl: string | URL | undefined): Promise<void> {
  if (workletUrl !== undefined) return worklet.addModule(workletUrl);
  try {
    // Written so that Vite and webpack see it.
    await worklet.addModule(new URL('./capture-worklet.js', import.meta.url));
  } catch {
    const text = `(${installCapture.toString()})()`;
    const url = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
    try {
      await worklet.addModule(url);
    } finally {
      URL.revokeObjectURL(url);
    }
  }
}

function capture(
  context: AudioContext,
  node: AudioWorkletNode,
  resampler: Resampler,
  stream: MediaStream,
  onClose: () => void,
): Capture {
  const samples$ = new Subject<Float32Array>();
  const level$ = new Subject<Level>();
  const tracks = stream.getAudioTracks();
  let closed = false;
  const live: Capture = {
    samples$: samples$.asObservable(),
    level$: level$.asObservable(),
    muted: false,
    close() {
      if (closed) return;
      samples$.next(resampler.flush());
      shut();
      samples$.complete();
    },
  };
  node.port.onmessage = ({ data }: MessageEvent<Float32Array>) => {
    level$.next(levelOf(data));
    const samples = resampler.push(live.muted ? new Float32Array(data.length) : data);
    if (samples.length > 0) samples$.next(samples);
  };
  const lost = (): void => {
    if (closed || tracks.some((track) => track.readyState === 'live')) return;
    shut();
    const message = 'the microphone went away; connect it and start again';
    samples$.error(new WhospeaksError('microphone-failed', message));
  };
  for (const track of tracks) track.addEventListener('ended', lost);

  function shut(): void {
    closed = true;
    node.port.onmessage = null;
    for (const track of tracks) track.removeEventListener('ended', lost);
    node.disconnect();
    void context.close();
    onClose();
    level$.complete();
  }
  return live;
}

/** Why the browser said no, and what to do (names: the Media Capture and Streams specification). */
function refusal(cause: unknown): string {
  const name = cause instanceof Error ? cause.name : '';
  if (name === 'NotAllowedError')
    return 'the microphone was refused; allow it in the browser, beside the address';
  if (name === 'NotFoundError' || name === 'OverconstrainedError')
    return 'there is no such microphone; connect one';
  if (name === 'NotReadableError') return 'the microphone is in use elsewhere; close the other program';
  return `the microphone cannot be opened: ${cause instanceof Error ? cause.message : String(cause)}`;
}
