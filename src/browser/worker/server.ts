import { Subject, type Subscription } from 'rxjs';
import { diarize } from '../../diarize.js';
import { WhospeaksError } from '../../errors.js';
import type { TrackCommand } from '../../events/events.js';
import { identify } from '../../identify.js';
import { SegmentationModel } from '../../native/segmentation-model.js';
import { SpeakerModel } from '../../native/speaker-model.js';
import { findSpeakers } from '../../scoring/find-speakers.js';
import { verify, type VerifyInput } from '../../scoring/verify.js';
import { enrollWithReport } from '../../speakers/enroll.js';
import type { Call, CallName, Calls, FromWorker, ModelFacts, SentSide, ToWorker } from '../messages.js';
import { loadCore } from '../platform/load-addon.js';
import { useAssets } from '../platform/pretrained.js';
import { toWire } from '../wire-error.js';
import { PulledSounds } from './pulled-sound.js';

type RequestOf<Name extends CallName> = Calls[Name]['request'];

/** A call that runs: what ends it early, and where its commands go. */
interface Running {
  readonly stop: AbortController;
  readonly commands: Subject<TrackCommand>;
}

/** The worker's side of `WorkerLink`: Node's own functions, called by messages. */
export class WorkerServer {
  readonly #sounds: PulledSounds;
  readonly #running = new Map<number, Running>();
  #model: SpeakerModel | undefined;
  #segmentation: Promise<SegmentationModel> | undefined;

  constructor(private readonly post: (message: FromWorker) => void) {
    this.#sounds = new PulledSounds(post);
  }

  on(message: ToWorker): void {
    switch (message.kind) {
      case 'call':
        void this.#run(message.id, message.call);
        return;
      case 'stop':
        this.#running.get(message.id)?.stop.abort();
        return;
      case 'command':
        this.#running.get(message.id)?.commands.next(message.command);
        return;
      default:
        this.#sounds.answer(message);
    }
  }

  async #run(id: number, call: Call): Promise<void> {
    const running: Running = { stop: new AbortController(), commands: new Subject() };
    this.#running.set(id, running);
    try {
      const answer = await this.#answer(id, call, running);
      if (!running.stop.signal.aborted) this.post({ kind: 'answer', id, answer });
    } catch (error) {
      if (!running.stop.signal.aborted) this.post({ kind: 'failed', id, error: toWire(error) });
    } finally {
      this.#running.delete(id);
    }
  }

  #answer(id: number, call: Call, running: Running): Promise<Calls[CallName]['answer']> {
    switch (call.name) {
      case 'load':
        return this.#load(call.request);
      case 'embed':
        return this.#loaded().embed(call.request.samples, call.request.sampleRateHz);
      case 'identify':
        return this.#identify(id, call.request, running);
      case 'enroll':
        return enrollWithReport(this.#loaded(), {
          ...call.request,
          sources: call.request.sources.map((head) => this.#sounds.source(head)),
          onProgress: (progress) => {
            this.post({ kind: 'progress', id, progress });
          },
        });
      case 'diarize':
        return this.#diarize(id, call.request, running);
      case 'verify': {
        const [a, b] = call.request.sides.map((side) => this.#side(side)) as [VerifyInput, VerifyInput];
        return verify(this.#loaded(), a, b, call.request.options);
      }
      case 'findSpeakers': {
        const { side, speakers, options } = call.request;
        return findSpeakers(this.#loaded(), this.#side(side), speakers, options);
      }
    }
  }

  #side(side: SentSide): VerifyInput {
    return 'source' in side ? this.#sounds.source(side.source) : side.profile;
  }

  async #load({ assets, model }: RequestOf<'load'>): Promise<ModelFacts> {
    useAssets(assets);
    await loadCore(assets);
    const loaded = await SpeakerModel.fromPretrained(model);
    this.#model = loaded;
    const { name, fingerprint, dimension, calibration, device } = loaded;
    return { name, fingerprint, dimension, calibration, device };
  }

  async #identify(
    id: number,
    { source, options, segmentation, adapts }: RequestOf<'identify'>,
    { stop, commands }: Running,
  ): Promise<undefined> {
    const model = this.#loaded();
    // What the page says while the network is loaded is heard once the stream has begun.
    const early: TrackCommand[] = [];
    const isEarly = commands.subscribe((command) => early.push(command));
    const heard = segmentation ? { segmentation: await this.#segmentationModel() } : {};
    isEarly.unsubscribe();
    const events = identify(this.#sounds.source(source), {
      ...options,
      ...heard,
      model,
      commands,
      onProfile: (profile) => {
        this.post({ kind: 'profile', id, profile });
      },
      ...(adapts && {
        adapt: (learnt) => {
          this.post({ kind: 'learnt', id, learnt });
        },
      }),
    });
    await new Promise<void>((resolve, reject) => {
      let subscription: Subscription | undefined = undefined;
      const end = (): void => {
        subscription?.unsubscribe();
        resolve();
      };
      stop.signal.addEventListener('abort', end, { once: true });
      if (stop.signal.aborted) {
        resolve();
        return;
      }
      subscription = events.subscribe({
        next: (event) => {
          this.post({ kind: 'event', id, event });
        },
        error: reject,
        complete: resolve,
      });
      for (const command of early) commands.next(command);
    });
    return undefined;
  }

  async #diarize(id: number, { sources, options }: RequestOf<'diarize'>, { stop }: Running) {
    const pulled = sources.map((head) => this.#sounds.source(head));
    return diarize(this.#loaded(), options.audio === 'channels' ? pulled : pulled[0]!, {
      ...options,
      segmentation: await this.#segmentationModel(),
      signal: stop.signal,
      onProgress: (progress) => {
        this.post({ kind: 'progress', id, progress });
      },
    });
  }

  /** Loaded at its first use; one that could not be loaded is tried again. */
  #segmentationModel(): Promise<SegmentationModel> {
    this.#segmentation ??= SegmentationModel.bundled().catch((error: unknown) => {
      this.#segmentation = undefined;
      throw error;
    });
    return this.#segmentation;
  }

  #loaded(): SpeakerModel {
    if (this.#model !== undefined) return this.#model;
    throw new WhospeaksError('engine-failed', 'no model is loaded in this worker yet; load one first');
  }
}
