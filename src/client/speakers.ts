import type { EnrollmentReply, RemovedListReply, SpeakerInfo, SpeakerListReply } from '../protocol/index.js';
import { request } from './http.js';
import { resolveService, type ServiceOptions } from './options.js';

/** A recording of one voice alone: a file of any kind that the server reads (wav, flac, mp3, ogg, opus, m4a). */
export type Recording = Blob | Uint8Array<ArrayBuffer> | ArrayBuffer;

/** The enrolled voices of the token's group. Every method throws a WhospeaksError with the server's code. */
export interface Speakers {
  list(): Promise<SpeakerListReply>;
  /**
   * Enrol. A name that is taken is refused (`speaker-exists`), or the speaker is replaced or added to, as `existing` says;
   * `dryRun` only tells what would come of it.
   */
  enroll(
    name: string,
    recording: Recording,
    options?: {
      readonly dryRun?: boolean;
      readonly existing?: 'refuse' | 'replace' | 'append';
      readonly signal?: AbortSignal;
    },
  ): Promise<EnrollmentReply>;
  rename(name: string, newName: string): Promise<SpeakerInfo>;
  /** The voice is gone from every live stream. It can be restored for some days, unless `erase` leaves nothing of it on the disk. */
  remove(name: string, options?: { readonly erase?: boolean }): Promise<void>;
  /** Speakers that `restore` can bring back, the last removed first. */
  removed(): Promise<RemovedListReply['removed']>;
  /** Undo `remove`. */
  restore(name: string): Promise<SpeakerInfo>;
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
    async enroll(name, recording, { dryRun = false, existing = 'refuse', signal } = {}) {
      const response = await request(service, `${one(name)}?existing=${existing}&dryRun=${dryRun}`, {
        method: 'PUT',
        body: recording,
        headers: { 'content-type': 'application/octet-stream' },
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
    async remove(name, { erase = false } = {}) {
      await request(service, `${one(name)}?erase=${erase}`, { method: 'DELETE' });
    },
    async removed() {
      const response = await request(service, 'v1/removed-speakers');
      return ((await response.json()) as RemovedListReply).removed;
    },
    async restore(name) {
      const path = `v1/removed-speakers/${encodeURIComponent(name)}/restore`;
      return (await (await request(service, path, { method: 'POST' })).json()) as SpeakerInfo;
    },
  };
}
