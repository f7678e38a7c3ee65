import { isWhospeaksError, type RecordingReply, type SendOptions } from '../client/index.js';
import type { Service } from './service.js';

const POLL_MS = 1000;
/** Between questions that no answer comes to. */
const MAX_POLL_MS = 15_000;
const KEY = 'whospeaks-recording';

/** The recording that the page shows. */
export type JobState =
  | { readonly stage: 'none' }
  | { readonly stage: 'sending'; readonly name: string; readonly share: number }
  /** `trouble`: why the server does not answer at present. */
  | {
      readonly stage: 'sent';
      readonly name: string;
      readonly reply: RecordingReply;
      readonly trouble?: unknown;
    };

interface Kept {
  readonly recording: string;
  /** Of the file. */
  readonly name: string;
}

/** One recording at the server, from the upload to its end. A reload of the page finds it again. */
export class RecordingJob {
  #state: JobState = { stage: 'none' };
  /** Ends what is done for the present recording: another one was sent, or it was deleted. */
  #over = new AbortController();

  constructor(
    private readonly service: Service,
    private readonly onChange: (state: JobState) => void,
  ) {}

  get state(): JobState {
    return this.#state;
  }

  /** Send a recording and follow it; the one before stays at the server until it is deleted there. Rejects where it is not taken. */
  async send(file: File, options: Omit<SendOptions, 'signal'>): Promise<void> {
    const { name } = file;
    const over = this.#begin();
    this.#set({ stage: 'sending', name, share: 0 });
    try {
      const reply = await this.service.send(file, { ...options, signal: over }, (share) => {
        if (!over.aborted) this.#set({ stage: 'sending', name, share });
      });
      // It came in while "Cancel" was pressed.
      if (over.aborted) await this.service.recordings.remove(reply.recording);
      else this.#follow(reply, name, over);
    } catch (error) {
      if (over.aborted) return;
      this.#forget();
      throw error;
    }
  }

  /** Follow what was sent before a reload. */
  async resume(): Promise<void> {
    const kept = this.#kept();
    if (kept === undefined) return;
    const over = this.#begin();
    try {
      const reply = await this.service.withToken(() => this.service.recordings.get(kept.recording));
      this.#follow(reply, kept.name, over);
    } catch (error) {
      if (isWhospeaksError(error, 'recording-unknown')) this.#forget();
      throw error;
    }
  }

  /** Ask for it anew, as after a name. */
  async refresh(): Promise<void> {
    if (this.#state.stage !== 'sent') return;
    const { name, reply } = this.#state;
    const { recording } = reply;
    this.#set({
      stage: 'sent',
      name,
      reply: await this.service.withToken(() => this.service.recordings.get(recording)),
    });
  }

  /** Stop the upload, or stop and delete it at the server. */
  async remove(): Promise<void> {
    const state = this.#state;
    if (state.stage === 'sent') {
      try {
        await this.service.withToken(() => this.service.recordings.remove(state.reply.recording));
      } catch (error) {
        if (!isWhospeaksError(error, 'recording-unknown')) throw error;
      }
    }
    this.#forget();
  }

  #begin(): AbortSignal {
    this.#over.abort();
    this.#over = new AbortController();
    return this.#over.signal;
  }

  #follow(reply: RecordingReply, name: string, over: AbortSignal): void {
    const { recording } = reply;
    const { keptAs: url } = this.service;
    if (url !== undefined) localStorage.setItem(KEY, JSON.stringify({ recording, name, url }));
    this.#set({ stage: 'sent', name, reply });
    if (isUnderWay(reply)) void this.#poll(reply, name, over);
  }

  async #poll(first: RecordingReply, name: string, over: AbortSignal): Promise<void> {
    let reply = first;
    let waitMs = POLL_MS;
    const isOver = (): boolean => over.aborted;
    while (isUnderWay(reply)) {
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      if (isOver()) return;
      let trouble: unknown;
      try {
        const { recording } = reply;
        reply = await this.service.withToken(() => this.service.recordings.get(recording));
        waitMs = POLL_MS;
      } catch (error) {
        trouble = error;
        waitMs = Math.min(MAX_POLL_MS, 2 * waitMs);
      }
      if (isOver()) return;
      this.#set({ stage: 'sent', name, reply, trouble });
      if (isWhospeaksError(trouble, 'recording-unknown')) {
        this.#forget();
        return;
      }
    }
  }

  #forget(): void {
    this.#over.abort();
    localStorage.removeItem(KEY);
    this.#set({ stage: 'none' });
  }

  #kept(): Kept | undefined {
    try {
      const kept = JSON.parse(localStorage.getItem(KEY) ?? 'null') as (Kept & { url: string }) | null;
      return kept !== null && kept.url === this.service.keptAs ? kept : undefined;
    } catch {
      return undefined;
    }
  }

  #set(state: JobState): void {
    this.#state = state;
    this.onChange(state);
  }
}

export function isUnderWay({ state }: RecordingReply): boolean {
  return state !== 'done' && state !== 'failed';
}
