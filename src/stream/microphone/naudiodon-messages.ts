import type { CaptureRequest, InputDevice } from './backend.js';

/** What the parent asks of the capture process. */
export type ToCapture =
  { readonly type: 'list' } | ({ readonly type: 'open' } & CaptureRequest) | { readonly type: 'close' };

/** What the capture process tells. */
export type FromCapture =
  | { readonly type: 'missing'; readonly message: string }
  | { readonly type: 'devices'; readonly devices: readonly InputDevice[] }
  | { readonly type: 'opened' }
  | { readonly type: 'data'; readonly bytes: Uint8Array }
  | { readonly type: 'error'; readonly message: string };
