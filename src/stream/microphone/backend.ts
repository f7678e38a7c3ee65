/** An input device as a capture library lists it. */
export interface InputDevice {
  /** What the library knows it by. */
  readonly id: number;
  readonly name: string;
  /** Sound system it belongs to: ALSA, CoreAudio, WASAPI and so on. */
  readonly hostApi: string;
  readonly maxChannels: number;
  readonly defaultSampleRateHz: number;
  readonly isDefault: boolean;
}

export interface CaptureRequest {
  readonly deviceId: number;
  readonly sampleRateHz: number;
  readonly channels: number;
}

export interface CaptureHandlers {
  /** Interleaved 32 bit float samples, little-endian; may end anywhere. */
  readonly onData: (bytes: Uint8Array) => void;
  /** The device lost audio but goes on. */
  readonly onOverflow: () => void;
  /** The device is gone; nothing follows. */
  readonly onError: (error: Error) => void;
}

export interface Capture {
  close(): Promise<void>;
}

/**
 * A capture library. The one that comes with the SDK is naudiodon (PortAudio); hand another to
 * `fromMicrophone({ backend })` to use a different one.
 */
export interface CaptureBackend {
  readonly name: string;
  /** @throws WhospeaksError `microphone-unavailable` where the library cannot be loaded */
  listDevices(): Promise<readonly InputDevice[]>;
  /** Start capturing. @throws where the device does not open at this rate and channel count */
  open(request: CaptureRequest, handlers: CaptureHandlers): Promise<Capture>;
}
