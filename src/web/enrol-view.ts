import { isWhospeaksError, type EnrollmentReply, type Recording } from '../client/index.js';
import { byId, element } from './dom.js';
import { EnrolRecorder } from './enrol-recorder.js';
import { EnrolReport } from './enrol-report.js';
import { length } from './format.js';
import type { Service } from './service.js';

/** How often a recording in progress is shown to the server, which says what would come of it. */
const FEEDBACK_MS = 1500;
const ENOUGH_SECONDS = 10;

/** Enrolment by name, from the microphone or a file, told while it goes on. */
export class EnrolView {
  private readonly form = byId('enrol', HTMLFormElement);
  private readonly name = byId('enrol-name', HTMLInputElement);
  private readonly record = byId('record', HTMLButtonElement);
  private readonly pick = byId('enrol-pick', HTMLButtonElement);
  private readonly file = byId('enrol-file', HTMLInputElement);
  private readonly panel = byId('recording', HTMLDivElement);
  private readonly heard = byId('heard', HTMLProgressElement);
  private readonly feedback = byId('feedback', HTMLParagraphElement);
  private readonly outcome = byId('enrol-outcome', HTMLParagraphElement);
  private readonly report = new EnrolReport();
  private recorder: EnrolRecorder | undefined;
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly service: Service,
    private readonly onEnrolled: () => void,
    private readonly deviceId: () => string | undefined,
  ) {
    this.form.addEventListener('submit', (event) => {
      event.preventDefault();
      void (this.recorder === undefined ? this.start() : this.stop());
    });
    this.pick.addEventListener('click', () => {
      if (this.named()) this.file.click();
    });
    this.file.addEventListener('change', () => {
      const recording = this.file.files?.[0];
      this.file.value = '';
      if (recording !== undefined && this.named()) void this.save(recording);
    });
  }

  private named(): string | undefined {
    const name = this.name.value.trim();
    if (name !== '') return name;
    this.say('bad', 'Give the voice a name first.');
    this.name.focus();
    return undefined;
  }

  private async start(): Promise<void> {
    if (this.named() === undefined) return;
    this.say('', '');
    this.record.disabled = true;
    try {
      this.recorder = await EnrolRecorder.start(this.deviceId());
    } catch (error) {
      this.say('bad', wordsOf(error));
      return;
    } finally {
      this.record.disabled = false;
    }
    this.recording(true);
    let asking = false;
    this.timer = setInterval(() => {
      const { recorder } = this;
      if (recorder === undefined || asking) return;
      if (recorder.full) {
        void this.stop();
        return;
      }
      asking = true;
      void this.tell(recorder).finally(() => (asking = false));
    }, FEEDBACK_MS);
  }

  /** What the server would make of the recording so far. */
  private async tell(recorder: EnrolRecorder): Promise<void> {
    const level = recorder.levelAdvice();
    let words: string;
    try {
      const { report } = await this.service.speakers.enroll(this.name.value.trim(), recorder.recording(), {
        dryRun: true,
      });
      if (this.recorder !== recorder) return;
      this.heard.value = report.speechSeconds;
      this.report.show(report);
      const enough = report.speechSeconds >= ENOUGH_SECONDS;
      words = level ?? report.advice[0] ?? (enough ? 'That is enough; save it, or go on.' : 'Good, go on.');
      words = `${length(report.speechSeconds)} of speech. ${words}`;
    } catch (error) {
      words = isWhospeaksError(error, 'speech-too-short')
        ? `${length(recorder.seconds)} heard, too little speech so far. ${level ?? 'Go on.'}`
        : wordsOf(error);
    }
    if (this.recorder === recorder) this.feedback.textContent = words;
  }

  private async stop(): Promise<void> {
    const { recorder } = this;
    if (recorder === undefined) return;
    this.recorder = undefined;
    clearInterval(this.timer);
    recorder.stop();
    this.recording(false);
    await this.save(recorder.recording());
  }

  private async save(recording: Recording, existing: 'refuse' | 'replace' = 'refuse'): Promise<void> {
    const name = this.name.value.trim();
    this.report.clear();
    this.say('', `Listening to ${name}…`);
    try {
      const reply = await this.service.withToken(() =>
        this.service.speakers.enroll(name, recording, { existing }),
      );
      this.say('good', wordsOfReply(reply));
      this.report.show(reply.report);
      this.name.value = '';
      this.onEnrolled();
    } catch (error) {
      this.say('bad', wordsOf(error));
      if (!isWhospeaksError(error, 'speaker-exists')) return;
      const again = element('button', {
        text: `Replace ${name}`,
        onClick: () => {
          this.name.value = name;
          void this.save(recording, 'replace');
        },
      });
      this.outcome.append(' ', again);
    }
  }

  private recording(on: boolean): void {
    this.panel.hidden = !on;
    this.record.textContent = on ? 'Stop and save' : 'Record';
    this.pick.disabled = on;
    this.heard.value = 0;
    if (on) this.report.clear();
    this.feedback.textContent = on ? 'Speak now.' : '';
  }

  private say(kind: 'good' | 'bad' | '', words: string): void {
    this.outcome.dataset['kind'] = kind;
    this.outcome.textContent = words;
  }
}

function wordsOfReply({ speaker, replaced, report }: EnrollmentReply): string {
  const what = `${speaker.name} is ${replaced ? 'replaced' : 'enrolled'} from ${length(report.speechSeconds)} of speech.`;
  return [what, ...report.advice].join(' ');
}

export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
