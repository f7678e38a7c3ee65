import { CAPTURE_RATE_HZ, TurnBook, type BookedTurn } from '../client/index.js';
import { Captions } from './captions.js';
import { MeetingStore, type KeptMeeting } from './meeting-store.js';
import { SoundTrack } from './sound-track.js';

const SAVE_MS = 400;

/** The turns and the sound of one meeting, over as many streams as it takes, kept over a reload of the page. */
export class Meeting {
  book = new TurnBook();
  /** What was said, where a recogniser tells it; a reload forgets it. */
  captions = new Captions();
  startedAt = '';
  /** What was listened to. */
  sources: string[] = [];
  /** How far it goes, in seconds: where the next stream begins. */
  endSeconds = 0;
  private parts = 0;
  private saving: ReturnType<typeof setTimeout> | undefined;

  private constructor(
    private readonly store: MeetingStore,
    readonly sound: SoundTrack,
  ) {}

  /** The meeting that was kept, or a new one. */
  static async open(): Promise<Meeting> {
    const store = await MeetingStore.open();
    const meeting = new Meeting(store, new SoundTrack(store));
    const kept = await store.load();
    if (kept !== undefined) meeting.restore(kept);
    return meeting;
  }

  /** Whether a reload finds it again. */
  get isKept(): boolean {
    return this.store.isKept;
  }

  get isEmpty(): boolean {
    return this.book.turns.length === 0;
  }

  /** Another stream of the same meeting begins; its time is `endSeconds` and what the stream tells. */
  async begin(source: string): Promise<void> {
    if (this.startedAt === '')
      this.startedAt = `whospeaks-${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}`;
    if (this.sources.at(-1) !== source) this.sources.push(source);
    this.parts += 1;
    if (this.parts > 1) {
      // Its unknown voices are numbered anew, and are others than those before.
      for (const label of new Set(this.book.turns.map(({ speaker }) => speaker)))
        if (/^unknown-\d+$/.test(label)) this.relabel(label, `${label} · part ${this.parts - 1}`);
      this.book.apply({ type: 'restarted', offsetSeconds: this.endSeconds });
    }
    this.captions.begin(this.endSeconds);
    await this.sound.seek(Math.round(this.endSeconds * CAPTURE_RATE_HZ));
  }

  /** Call a label otherwise in what was told so far, here alone. */
  relabel(label: string, speaker: string): void {
    this.book.relabel(label, speaker);
    this.captions.relabel(label, speaker);
  }

  /** A turn was this speaker's, here alone. */
  reassign(turn: BookedTurn, speaker: string, known: boolean): void {
    this.book.reassign(turn.turn, speaker, known);
    const { startSample, endSample } = turn;
    this.captions.reassign(startSample / CAPTURE_RATE_HZ, endSample / CAPTURE_RATE_HZ, speaker, known);
  }

  /** The stream goes on, or has ended. */
  reach(seconds: number): void {
    this.endSeconds = Math.max(this.endSeconds, seconds);
  }

  /** Keep it, soon. */
  changed(): void {
    this.saving ??= setTimeout(() => {
      void this.save();
    }, SAVE_MS);
  }

  async save(): Promise<void> {
    clearTimeout(this.saving);
    this.saving = undefined;
    if (this.startedAt === '') return;
    const { startedAt, sources, parts } = this;
    const endSample = Math.round(this.endSeconds * CAPTURE_RATE_HZ);
    // A turn that is not settled when the page goes will not be settled any more.
    const turns = this.book.turnsAt(endSample);
    await Promise.all([this.store.save({ startedAt, sources, parts, endSample, turns }), this.sound.flush()]);
  }

  /** Forget it, and begin a new one. */
  async clear(): Promise<void> {
    clearTimeout(this.saving);
    this.saving = undefined;
    this.book = new TurnBook();
    this.captions = new Captions();
    [this.startedAt, this.sources, this.endSeconds, this.parts] = ['', [], 0, 0];
    this.sound.stop();
    this.sound.forget();
    await this.store.clear();
  }

  private restore({ startedAt, sources, turns, endSample, parts }: KeptMeeting): void {
    this.book = TurnBook.of(turns);
    this.startedAt = startedAt;
    this.sources = [...sources];
    this.endSeconds = endSample / CAPTURE_RATE_HZ;
    this.parts = parts;
  }
}
