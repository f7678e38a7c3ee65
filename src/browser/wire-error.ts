import { isWhospeaksError, WhospeaksError } from '../errors.js';
import type { WireError } from './messages.js';

/** Errors lose their class on the way between threads. */
export function toWire(error: unknown): WireError {
  if (isWhospeaksError(error)) return { code: error.code, message: error.message };
  return { code: 'engine-failed', message: error instanceof Error ? error.message : String(error) };
}

export function fromWire({ code, message }: WireError): WhospeaksError {
  return new WhospeaksError(code, message);
}
