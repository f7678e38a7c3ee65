import type { EnrollmentReply, SpeakerInfo, SpeakerListReply } from '../protocol/index.js';
import { request } from './http.js';
import { resolveService, type ServiceOptions } from './options.js';

/** A recording of one voice alone: a file of any kind that the server reads (wav, flac, mp3, ogg, opus, m4a). */
export type Recording = Blob | Uint8Array<ArrayBuffer> | ArrayBuffer;

/** The enrolled voices of the token's group. Every method throws a WhospeaksError with the server's code. */
export interface Speakers {
  list(): Promise<SpeakerListReply>;
  /** Enrol, or enrol anew. `dryRun` only tells what would come of it; `replace: false` refuses a taken name. */
  enroll(
    name: string,
    recording: Recording,
    options?: { readonly dryRun?: boolean; readonly replace?: boolean; readonly signal?: AbortSignal },
  ): Promise<EnrollmentReply>;
  rename(name: string, newName: string): Promise<SpeakerInfo>;
  /** The voice is gone from the server's disk and from every live stream. */
  remove(name: string): Promise<void>;
}

/** @throws WhospeaksError `invalid-option` */
export function speakers(options: ServiceOptions): Speakers {
  const service = resolveService('speakers', options);
  const one = (name: string): string => `v1/speakers/${encodeURIComponent(name)}`;
  return {
    async list() {
      const response = await request(service, 'v1/speakers');
      return (await response.json()) as SpeakerListReply;
    },
    async enroll(name, recording, { dryRun = false, replace = true, signal } = {}) {
      const response = await request(service, `${one(name)}${dryRun ? '?dryRun=true' : ''}`, {
        method: 'PUT',
        body: recording,
        headers: {
          'content-type': 'application/octet-stream',
          ...(replace ? {} : { 'if-none-match': '*' }),
        },
        ...(signal === undefined ? {} : { signal }),
      });
      return (await response.json()) as EnrollmentReply;
    },
    async rename(name, newName) {
      const response = await request(service, one(name), {
        method: 'PATCH',
        body: JSON.stringify({ name: newName }),
        headers: { 'content-type': 'application/json' },
      });
      return (await response.json()) as SpeakerInfo;
    },
    async remove(name) {
      await request(service, one(name), { method: 'DELETE' });
    },
  };
}
