import { WhospeaksError } from '../errors.js';

/** Names from a file go into messages quoted and cut short, so that a hostile name cannot forge a line. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}...` : text);
}

/** `[64, 32, 3, 3]`. */
export function formatShape(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}

/** The file contradicts itself or stops short. */
export function corrupt(source: string, what: string, cause?: unknown): WhospeaksError {
  return new WhospeaksError('model-corrupt', `${source}: ${what}; fetch or convert the file again`, {
    cause,
  });
}

/** The file is in order, but holds something that whospeaks does not run. */
export function unsupported(source: string, what: string, cause?: unknown): WhospeaksError {
  return new WhospeaksError('model-unsupported', `${source}: ${what}`, { cause });
}

/** The file tries to make its reader run code, or allocate far more than the file holds. */
export function unsafe(source: string, what: string): WhospeaksError {
  return new WhospeaksError('model-unsafe', `${source}: ${what}; nothing was run: do not trust this file`);
}

/** A tensor does not have the shape that the network gives it. */
export function wrongShape(
  source: string,
  tensor: string,
  expected: string,
  received: string,
  network = 'a WeSpeaker ResNet',
): WhospeaksError {
  return new WhospeaksError(
    'model-shape',
    `${source}: tensor ${quote(tensor)}: expected ${expected}, received ${received}; is this ${network}?`,
  );
}
