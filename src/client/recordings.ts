import type { NameReply, RecordingListReply, RecordingReply } from '../protocol/index.js';
import type { AnyFormat } from '../transcript/formats/kinds.js';
import { request } from './http.js';
import { resolveService, type ServiceOptions } from './options.js';
import type { Recording } from './speakers.js';

export interface SendOptions {
  /** How many speakers there are, where it is known. Not together with the next two. */
  readonly speakers?: number | undefined;
  readonly minSpeakers?: number | undefined;
  readonly maxSpeakers?: number | undefined;
  /** `channels`: each channel is its own recording. Default `mix`. */
  readonly audio?: 'mix' | 'channels' | undefined;
  /**
   * What a recogniser wrote of this recording, in any format that `readTranscript` reads: its words come back under names, and
   * files of the recording have them. Not for an address.
   */
  readonly transcript?: Blob | string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Whole recordings of the token's group. Every method throws a WhospeaksError with the server's code. */
export interface Recordings {
  list(): Promise<RecordingListReply>;
  /** Send a recording. It waits for its turn at the server; `get` tells what came of it. */
  send(recording: Recording, options?: SendOptions): Promise<RecordingReply>;
  /** Let the server fetch a recording, where its operator allows the address. */
  sendUrl(url: string | URL, options?: Omit<SendOptions, 'transcript'>): Promise<RecordingReply>;
  get(recording: string, options?: { readonly signal?: AbortSignal }): Promise<RecordingReply>;
  /**
   * Who spoke when, or with a transcript who said what, as the text of a file; `recording-unfinished` where it is not heard yet.
   * `md`, `ctm` and `stm` are of words alone.
   */
  transcript(recording: string, format: AnyFormat): Promise<string>;
  /** An unknown voice is a new speaker, an enrolled one (with `learn` what was heard joins the profile), or another unknown voice. */
  name(
    recording: string,
    label: string,
    speaker: string,
    options?: { readonly learn?: boolean },
  ): Promise<NameReply>;
  /** Stop it, and delete what came of it. */
  remove(recording: string): Promise<void>;
}

/** @throws WhospeaksError `invalid-option` */
export function recordings(options: ServiceOptions): Recordings {
  const service = resolveService('recordings', options);
  const one = (recording: string): string => `v1/recordings/${encodeURIComponent(recording)}`;
  const post = async (
    body: NonNullable<RequestInit['body']>,
    type: string | undefined,
    { signal, ...asked }: Omit<SendOptions, 'transcript'> = {},
  ): Promise<RecordingReply> => {
    const query = new URLSearchParams();
    for (const [key, value] of Object.entries(asked)) if (value !== undefined) query.set(key, String(value));
    const response = await request(service, `v1/recordings?${query.toString()}`, {
      method: 'POST',
      body,
      // Of a form, the platform says where its parts end.
      ...(type === undefined ? {} : { headers: { 'content-type': type } }),
      ...(signal === undefined ? {} : { signal }),
    });
    return (await response.json()) as RecordingReply;
  };
  return {
    async list() {
      return (await (await request(service, 'v1/recordings')).json()) as RecordingListReply;
    },
    send(recording, { transcript, ...options } = {}) {
      if (transcript === undefined) return post(recording, 'application/octet-stream', options);
      const form = new FormData();
      form.append('recording', recording instanceof Blob ? recording : new Blob([recording]), 'recording');
      form.append('transcript', new Blob([transcript]), 'transcript');
      return post(form, undefined, options);
    },
    sendUrl: (url, options) => post(JSON.stringify({ url: String(url) }), 'application/json', options),
    async get(recording, init = {}) {
      return (await (await request(service, one(recording), init)).json()) as RecordingReply;
    },
    async transcript(recording, format) {
      const path = `${one(recording)}/transcript?format=${format}`;
      return (await request(service, path, {}, isNoPage)).text();
    },
    async name(recording, label, speaker, { learn = false } = {}) {
      const response = await request(service, `${one(recording)}/names`, {
        method: 'POST',
        body: JSON.stringify({ label, speaker, learn }),
        headers: { 'content-type': 'application/json' },
      });
      return (await response.json()) as NameReply;
    },
    async remove(recording) {
      await request(service, one(recording), { method: 'DELETE' });
    },
  };
}

/** Formats are many; what is no transcript at all comes from another server. */
function isNoPage(response: Response): boolean {
  return response.headers.get('content-type')?.includes('html') !== true;
}
