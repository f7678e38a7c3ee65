import { z } from 'zod';
import { captureStream, openMicrophone } from '../../client/microphone.js';
import { WhospeaksError } from '../../errors.js';
import { parseOptions } from '../../options.js';
import { capturedSource, type CapturedSource } from './capture-source.js';

/** As live sources in Node. */
const DEFAULT_BUFFER_SECONDS = 10;

const captureFields = {
  workletUrl: z.union([z.string().min(1), z.instanceof(URL)]).optional(),
  bufferSeconds: z.number().min(0.1).max(600).default(DEFAULT_BUFFER_SECONDS),
};
const captureSchema = z.strictObject(captureFields);
const microphoneSchema = z.strictObject({
  ...captureFields,
  deviceId: z.string().min(1).optional(),
  echoCancellation: z.boolean().default(false),
  noiseSuppression: z.boolean().default(false),
  autoGainControl: z.boolean().default(false),
});

export interface LiveOptions {
  /**
   * Where the browser loads `capture-worklet.js` from; default: beside the module. It must be of the page's own origin where a
   * content security policy says so.
   */
  readonly workletUrl?: string | URL | undefined;
  /** Sound that may wait to be read, seconds; default 10. What is older is dropped, and shows as a gap. */
  readonly bufferSeconds?: number | undefined;
}

export interface BrowserMicrophoneOptions extends LiveOptions {
  /** Which input; default: the one that the user or the system chose. */
  readonly deviceId?: string | undefined;
  /** What the browser does to the sound before we get it. All off by default: it changes voices. */
  readonly echoCancellation?: boolean | undefined;
  readonly noiseSuppression?: boolean | undefined;
  readonly autoGainControl?: boolean | undefined;
}

/**
 * The microphone. The browser asks the user at the first pull; begin at a click, or some browsers stay silent. While the browser
 * stops the audio, as during a telephone call, time goes on: a gap.
 *
 * @throws WhospeaksError at the first pull `microphone-unavailable` (refused, absent, in use, or the page is not served securely)
 *   or `microphone-suspended` (the browser waits for a click); later `microphone-failed` where the device goes away
 */
export function fromMicrophone(options: BrowserMicrophoneOptions = {}): CapturedSource {
  const { bufferSeconds, ...wanted } = parseOptions('fromMicrophone', microphoneSchema, options);
  return capturedSource(bufferSeconds, () => openMicrophone(given(wanted)));
}

/**
 * The sound of a tab, a window or the screen, which the user chooses when it is first pulled: only from a click. Which of them have
 * sound is the browser's business. The source ends when the user ends the sharing.
 *
 * @throws WhospeaksError at the first pull `microphone-unavailable` (refused, or shared without its sound), `microphone-suspended`
 */
export function fromDisplay(options: LiveOptions = {}): CapturedSource {
  const { bufferSeconds, ...wanted } = parseOptions('fromDisplay', captureSchema, options);
  return capturedSource(bufferSeconds, async () => {
    const stream = await shareDisplay();
    const stop = (): void => {
      for (const track of stream.getTracks()) track.stop();
    };
    try {
      return await captureStream(new MediaStream(stream.getAudioTracks()), given(wanted), stop);
    } catch (error) {
      stop();
      throw error;
    }
  });
}

/** A `MediaStreamTrack`, in words that programs without the DOM's types compile too. */
export interface MediaTrack {
  readonly kind: string;
  readonly id: string;
  readonly readyState: 'live' | 'ended';
}

/**
 * One track of sound: of a participant of a call, a recorder, an element (`captureStream()`). The source ends when the track does;
 * the track is not stopped when the source is left.
 *
 * @throws WhospeaksError at the first pull `source-closed` where the track has ended already, `microphone-suspended`
 */
export function fromTrack(track: MediaTrack, options: LiveOptions = {}): CapturedSource {
  const { track: sound } = parseOptions('fromTrack', z.object({ track: trackSchema }), { track });
  const { bufferSeconds, ...wanted } = parseOptions('fromTrack', captureSchema, options);
  return capturedSource(bufferSeconds, async () => {
    if (sound.readyState === 'ended')
      throw new WhospeaksError('source-closed', 'the track has ended; take the one that is there now');
    return captureStream(new MediaStream([sound]), given(wanted));
  });
}

const trackSchema = z.custom<MediaStreamTrack>(
  (value) => value instanceof MediaStreamTrack && value.kind === 'audio',
  'expected a MediaStreamTrack of sound',
);

async function shareDisplay(): Promise<MediaStream> {
  // In an insecure page, and on telephones, there is none, whatever the type says.
  const devices = (navigator as Partial<Navigator>).mediaDevices as Partial<MediaDevices> | undefined;
  if (devices?.getDisplayMedia === undefined) {
    throw new WhospeaksError(
      'microphone-unavailable',
      'this page cannot share the sound of a tab; open it by https or on localhost, in a browser of a computer',
    );
  }
  let stream: MediaStream;
  try {
    // Browsers share no sound without a picture.
    stream = await devices.getDisplayMedia({ audio: true, video: true });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const message = `no tab or screen was shared (${why}); ask again from a click, and let the user choose one`;
    throw new WhospeaksError('microphone-unavailable', message, { cause });
  }
  if (stream.getAudioTracks().length > 0) {
    // The picture is not needed, and costs work.
    for (const track of stream.getVideoTracks()) track.stop();
    return stream;
  }
  for (const track of stream.getTracks()) track.stop();
  throw new WhospeaksError(
    'microphone-unavailable',
    'it was shared without its sound; choose a tab, and tick that its sound is shared too',
  );
}

/** Options that are there: the capture's own types know no `undefined`. */
function given<Options extends object>(
  options: Options,
): { [Name in keyof Options]: Exclude<Options[Name], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never;
}
