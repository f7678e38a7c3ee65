import { Subject, type Observable } from 'rxjs';
import { WhospeaksError } from '../errors.js';
import { installCapture } from './capture-worklet.js';
import { levelOf, type Level } from './level.js';
import { Resampler } from './resampler.js';
import { SAMPLE_RATE_HZ } from '../stream/geometry.js';

/** What the client sends, whatever rate the sound card runs at. */
export const CAPTURE_RATE_HZ = SAMPLE_RATE_HZ;

/** How long the browser may take to start its audio, ms. */
const START_MS = 5000;

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
  /** -1 to 1. Completes with `close()`; errors with `microphone-failed` when the microphone goes away. */
  readonly samples$: Observable<Float32Array>;
  /** Sound that was missed, seconds: the browser had stopped the audio, as in a page that sleeps or during a call. Sound goes on after it. */
  readonly missed$: Observable<number>;
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
    return await startCapture(stream, options, {
      onClose: () => {
        for (const track of stream.getTracks()) track.stop();
      },
      onEnded: () =>
        new WhospeaksError('microphone-failed', 'the microphone went away; connect it and start again'),
    });
  } catch (error) {
    for (const track of stream.getTracks()) track.stop();
    throw error;
  }
}

/**
 * The sound of any MediaStream: of a tab, or the track of one participant of a call. It completes when the stream's tracks have
 * ended. Closing leaves the tracks alone.
 * @throws WhospeaksError `microphone-failed` where the browser cannot run the capture; `microphone-suspended` where it waits for a
 *   click of the user
 */
export async function captureStream(
  stream: SoundStream,
  options: CaptureOptions = {},
  onClose: () => void = () => undefined,
): Promise<Capture> {
  // Chromium gives the sound of a call to Web Audio only where an element plays it too.
  const player = new Audio();
  player.muted = true;
  player.srcObject = stream;
  const stop = (): void => {
    player.srcObject = null;
    onClose();
  };
  try {
    return await startCapture(stream, options, { onClose: stop, onEnded: () => undefined });
  } catch (error) {
    player.srcObject = null;
    throw error;
  }
}

interface CaptureEnds {
  readonly onClose: () => void;
  /** The tracks have ended: the error that this is, or undefined for an end like any other. */
  readonly onEnded: () => WhospeaksError | undefined;
}

async function startCapture(
  stream: MediaStream,
  { workletUrl }: CaptureOptions,
  ends: CaptureEnds,
): Promise<Capture> {
  const context = new AudioContext({ latencyHint: 'interactive' });
  try {
    await addWorklet(context.audioWorklet, workletUrl);
    const resampler = new Resampler(context.sampleRate);
    const source = context.createMediaStreamSource(stream);
    const node = new AudioWorkletNode(context, 'whospeaks-capture', { numberOfOutputs: 0 });
    source.connect(node);
    await started(context);
    return capture(context, node, resampler, stream, ends);
  } catch (cause) {
    void context.close();
    if (cause instanceof WhospeaksError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new WhospeaksError('microphone-failed', `the browser cannot capture sound: ${why}`, { cause });
  }
}

/** Where the user has not touched the page the browser does not start, and does not say so. */
async function started(context: AudioContext): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const message =
        'the browser starts no audio before the user has clicked or pressed a key; start from a button';
      reject(new WhospeaksError('microphone-suspended', message));
    }, START_MS);
  });
  try {
    await Promise.race([context.resume(), late]);
  } finally {
    clearTimeout(timer);
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
  { onClose, onEnded }: CaptureEnds,
): Capture {
  const samples$ = new Subject<Float32Array>();
  const missed$ = new Subject<number>();
  const level$ = new Subject<Level>();
  const tracks = stream.getAudioTracks();
  let closed = false;
  const live: Capture = {
    samples$: samples$.asObservable(),
    missed$: missed$.asObservable(),
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
    // Whoever stops a track is not told that it has ended.
    if (tracks.every((track) => track.readyState === 'ended')) {
      lost();
      return;
    }
    level$.next(levelOf(data));
    const samples = resampler.push(live.muted ? new Float32Array(data.length) : data);
    if (samples.length > 0) samples$.next(samples);
  };
  const lost = (): void => {
    if (closed || tracks.some((track) => track.readyState === 'live')) return;
    const error = onEnded();
    if (error === undefined) {
      live.close();
      return;
    }
    shut();
    samples$.error(error);
  };
  /** When the browser stopped the audio by itself. */
  let stoppedMs: number | undefined;
  const changed = (): void => {
    if (closed) return;
    if (context.state !== 'running') {
      stoppedMs ??= performance.now();
      // Refused while the reason for it lasts; the page is shown again, or the state changes, when it is over.
      context.resume().catch(() => undefined);
    } else if (stoppedMs !== undefined) {
      missed$.next((performance.now() - stoppedMs) / 1000);
      stoppedMs = undefined;
    }
  };
  context.addEventListener('statechange', changed);
  document.addEventListener('visibilitychange', changed);
  for (const track of tracks) track.addEventListener('ended', lost);

  function shut(): void {
    closed = true;
    node.port.onmessage = null;
    context.removeEventListener('statechange', changed);
    document.removeEventListener('visibilitychange', changed);
    for (const track of tracks) track.removeEventListener('ended', lost);
    node.disconnect();
    void context.close();
    onClose();
    missed$.complete();
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
