import {
  ANY_FORMATS,
  extensionOf,
  TRANSCRIPT_FORMATS,
  type AnyFormat,
  type RecordingReply,
} from '../client/index.js';
import { CaptionList } from './caption-list.js';
import { askName, wantsLearning } from './dialogs.js';
import { byId, setText } from './dom.js';
import { download } from './download.js';
import { dropTarget } from './drop-target.js';
import { wordsOf } from './enrol-view.js';
import { canBeNamed, clock } from './format.js';
import type { Hues } from './hues.js';
import type { PeopleView } from './people-view.js';
import { isUnderWay, RecordingJob, type JobState } from './recording-job.js';
import { RecordingPlayer } from './recording-player.js';
import { captionsOf, isTranscript, noteOf } from './recording-words.js';
import { SegmentList } from './segment-list.js';
import { turnsOfSegments } from './segment-turns.js';
import type { Service } from './service.js';
import { TimelineView } from './timeline-view.js';
import { twoStep } from './two-step.js';

/** A whole recording: sent, waited for, and told; its speakers named, its segments played and saved. */
export class RecordingView {
  private readonly file = byId('whole-file', HTMLInputElement);
  private readonly count = byId('whole-count', HTMLInputElement);
  private readonly channels = byId('whole-channels', HTMLInputElement);
  private readonly status = byId('whole-status', HTMLParagraphElement);
  private readonly position = byId('whole-position', HTMLParagraphElement);
  private readonly trouble = byId('whole-trouble', HTMLParagraphElement);
  private readonly progress = byId('whole-progress', HTMLProgressElement);
  private readonly result = byId('whole-result', HTMLDivElement);
  private readonly cancel = byId('whole-cancel', HTMLButtonElement);
  private readonly remove = byId('whole-delete', HTMLButtonElement);
  private readonly format = byId('whole-format', HTMLSelectElement);
  private readonly player = new RecordingPlayer((seconds) => {
    this.segments.mark(seconds);
  }, this.complain.bind(this));
  private readonly job: RecordingJob;
  private readonly timeline: TimelineView;
  private readonly segments: SegmentList;
  private readonly captions: CaptionList;
  private readonly wordsPart = byId('whole-words-part', HTMLElement);
  private readonly wordsNote = byId('whole-words-note', HTMLParagraphElement);
  private readonly wordsFile = byId('whole-words-file', HTMLInputElement);
  private readonly wordsHint = byId('whole-words-hint', HTMLParagraphElement);
  private readonly usualHint = this.wordsHint.textContent;
  /** Goes with the next recording. */
  private transcript: File | undefined;
  /** What is drawn, so that it is not drawn anew every second. */
  private drawn: RecordingReply | undefined;

  constructor(
    private readonly service: Service,
    private readonly hues: Hues,
    private readonly people: PeopleView,
    private readonly onEnrolled: () => void,
  ) {
    const onName = this.nameVoice.bind(this);
    this.timeline = new TimelineView(
      byId('whole-lanes', HTMLOListElement),
      byId('whole-ruler', HTMLDivElement),
      hues,
      onName,
    );
    this.timeline.zoom(0);
    this.segments = new SegmentList(byId('whole-segments', HTMLOListElement), hues, {
      onName,
      onPlay: ({ startSeconds }) => {
        const { state } = this.job;
        if (state.stage === 'sent') this.player.play(startSeconds, state.name);
      },
    });
    this.job = new RecordingJob(service, this.show.bind(this));
    this.captions = new CaptionList(byId('whole-words', HTMLOListElement), hues, onName);
    this.offer(TRANSCRIPT_FORMATS);
    byId('whole-form', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
    });
    byId('whole-pick', HTMLButtonElement).addEventListener('click', () => {
      this.file.click();
    });
    this.file.addEventListener('change', () => {
      this.send([...(this.file.files ?? [])]);
      this.file.value = '';
    });
    byId('whole-words-pick', HTMLButtonElement).addEventListener('click', () => {
      this.wordsFile.click();
    });
    this.wordsFile.addEventListener('change', () => {
      this.take(this.wordsFile.files?.[0]);
      this.wordsFile.value = '';
    });
    dropTarget(byId('whole', HTMLElement), this.send.bind(this));
    this.cancel.addEventListener('click', () => {
      this.act(() => this.job.remove());
    });
    twoStep(
      this.remove,
      { text: 'Delete', label: 'Delete what came of it', sureLabel: 'Really delete?' },
      () => {
        this.act(() => this.job.remove());
      },
    );
    byId('whole-save', HTMLButtonElement).addEventListener('click', () => {
      this.act(() => this.save());
    });
    this.act(() => this.job.resume());
  }

  /** A transcript that waits for its recording; undefined: none does. */
  private take(transcript: File | undefined): void {
    this.transcript = transcript;
    const waits = `${transcript?.name ?? ''} goes with the recording that you choose next.`;
    setText(this.wordsHint, transcript === undefined ? this.usualHint : waits);
  }

  private send(files: readonly File[]): void {
    const [file, ...others] = files.filter((one) => !isTranscript(one));
    const transcripts = files.filter(isTranscript);
    if (transcripts.length > 0) this.take(transcripts[0]);
    if (file === undefined) return;
    const { stage } = this.job.state;
    if (stage === 'sending') {
      this.complain(new Error('Another recording is being sent; wait for it, or cancel it.'));
      return;
    }
    if (!this.count.checkValidity()) {
      this.complain(new Error('Speakers: give a whole number from 1 to 1000, or leave it empty.'));
      this.count.focus();
      return;
    }
    this.player.open(file);
    const speakers = this.count.value === '' ? undefined : this.count.valueAsNumber;
    const audio = this.channels.checked ? 'channels' : 'mix';
    const { transcript } = this;
    this.take(undefined);
    this.act(() => this.job.send(file, { speakers, audio, transcript }));
    if (others.length > 0) this.complain(new Error(`One recording at a time: ${file.name} is sent.`));
  }

  /** What came of it is told through `show`. */
  private act(action: () => Promise<void>): void {
    this.trouble.textContent = '';
    action().catch(this.complain.bind(this));
  }

  private show(state: JobState): void {
    setText(this.status, wordsOfState(state));
    setText(this.position, positionOf(state));
    const reply = state.stage === 'sent' ? state.reply : undefined;
    const share = shareOf(state);
    this.progress.hidden = share === undefined;
    if (share === null) this.progress.removeAttribute('value');
    else this.progress.value = share ?? 0;
    const isUnderWay = share !== undefined;
    this.cancel.hidden = !isUnderWay;
    this.remove.hidden = isUnderWay || reply === undefined;
    if (state.stage === 'sent') {
      const why = state.trouble === undefined ? reply?.error?.message : wordsOf(state.trouble);
      setText(this.trouble, why ?? '');
    }
    if (state.stage === 'none') this.player.close();
    if (reply !== this.drawn) this.draw(reply?.state === 'done' ? reply : undefined);
    this.drawn = reply;
  }

  private draw(reply: RecordingReply | undefined): void {
    const { segments = [], durationSeconds = 0, transcript } = reply ?? {};
    this.result.hidden = segments.length === 0;
    this.timeline.update(turnsOfSegments(segments));
    this.timeline.move(durationSeconds);
    this.segments.show(segments);
    this.wordsPart.hidden = transcript === undefined;
    this.captions.show(captionsOf(transcript));
    setText(this.wordsNote, noteOf(transcript));
    this.offer(transcript === undefined ? TRANSCRIPT_FORMATS : ANY_FORMATS);
  }

  /** Formats that the recording can be saved in. */
  private offer(formats: readonly AnyFormat[]): void {
    if (this.format.options.length === formats.length) return;
    const { value } = this.format;
    this.format.replaceChildren(...formats.map((format) => new Option(format, format)));
    if (formats.some((format) => format === value)) this.format.value = value;
  }

  private nameVoice(label: string): void {
    const { state } = this.job;
    if (state.stage !== 'sent') return;
    const { reply } = state;
    const others = (reply.speakers ?? []).map((speaker) => speaker.label).filter((other) => other !== label);
    const known = [...new Set([...this.people.known, ...others])];
    const question = {
      title: `Who is ${label}?`,
      hint:
        'A new name enrols the voice; the name of somebody enrolled, or another unknown label, says that it is theirs. ' +
        'All segments of it are renamed.',
      known,
      offerLearning: this.people.known.length > 0,
    };
    void askName(question, async (answer) => {
      const options = { learn: wantsLearning() };
      const { speaker } = await this.service.withToken(() =>
        this.service.recordings.name(reply.recording, label, answer, options),
      );
      this.hues.rename(label, speaker?.name ?? answer);
      if (!canBeNamed(answer)) this.onEnrolled();
      await this.job.refresh();
    });
  }

  private async save(): Promise<void> {
    const { state } = this.job;
    if (state.stage !== 'sent') return;
    const format = this.format.value as AnyFormat;
    const text = await this.service.withToken(() =>
      this.service.recordings.transcript(state.reply.recording, format),
    );
    const title = state.name.replace(/\.\w+$/, '');
    download(text, `${title}.${extensionOf(format)}`, 'text/plain');
  }

  private complain(error: unknown): void {
    this.trouble.textContent = wordsOf(error);
  }
}

/** How far it is, 0 to 1; null where nobody knows; undefined where nothing is under way. */
function shareOf(state: JobState): number | null | undefined {
  if (state.stage === 'none') return undefined;
  if (state.stage === 'sending') return state.share;
  const { positionSeconds, durationSeconds } = state.reply;
  if (!isUnderWay(state.reply)) return undefined;
  return positionSeconds === undefined || durationSeconds === undefined || durationSeconds === 0
    ? null
    : Math.min(1, positionSeconds / durationSeconds);
}

/** Said apart from the rest: a screen reader need not tell every second of it. */
function positionOf(state: JobState): string {
  if (state.stage === 'sending') return `${Math.floor(100 * state.share)} %`;
  if (state.stage === 'none' || state.reply.state !== 'running') return '';
  const { positionSeconds = 0, durationSeconds } = state.reply;
  return durationSeconds === undefined
    ? clock(positionSeconds)
    : `${clock(positionSeconds)} of ${clock(durationSeconds)}`;
}

function wordsOfState(state: JobState): string {
  if (state.stage === 'none') return '';
  const { name } = state;
  if (state.stage === 'sending') return `Sending ${name}`;
  const { reply } = state;
  switch (reply.state) {
    case 'fetching':
      return `The server fetches ${name}`;
    case 'queued':
      return `${name} waits at the server; ${recordingsBefore(reply.ahead ?? 0)}.`;
    case 'running':
      return `Listening to ${name}`;
    case 'failed':
      return `${name} could not be told.`;
    case 'done': {
      const count = new Set(reply.speakers?.map(({ label }) => label)).size;
      const found = count === 0 ? 'nobody speaks' : count === 1 ? 'one speaker' : `${count} speakers`;
      const until =
        reply.expiresAt === undefined ? '' : ` The server keeps it until ${timeOf(reply.expiresAt)}.`;
      return `${name}: ${found} in ${clock(reply.durationSeconds ?? 0)}.${until}`;
    }
  }
}

function recordingsBefore(ahead: number): string {
  if (ahead === 0) return 'it is next';
  return ahead === 1 ? 'one recording is before it' : `${ahead} recordings are before it`;
}

function timeOf(iso: string): string {
  return new Date(iso).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
}
