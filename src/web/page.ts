import {
  formatWords,
  isWhospeaksError,
  openMicrophone,
  toJson,
  toRttm,
  type BookedTurn,
  type Capture,
  type LiveWordEvent,
  type Notice,
  type StreamEvent,
} from '../client/index.js';
import { CaptionList } from './caption-list.js';
import { askName, wantsLearning } from './dialogs.js';
import { byId, setText } from './dom.js';
import { download } from './download.js';
import { WORKLET_URL } from './enrol-recorder.js';
import { EnrolView, wordsOf } from './enrol-view.js';
import { keepFocus } from './focus-keeper.js';
import { isOfThisStream } from './format.js';
import { Hues } from './hues.js';
import { Listening } from './listening.js';
import { LogView } from './log-view.js';
import { Meeting } from './meeting.js';
import { Microphones } from './microphones.js';
import { NowView } from './now-view.js';
import { PeopleView } from './people-view.js';
import { play } from './player.js';
import { RecordingView } from './recording-view.js';
import type { Service, StreamStatus } from './service.js';
import { TimelineView } from './timeline-view.js';
import { twoStep } from './two-step.js';
import { VoiceFiles } from './voice-files.js';
import { keepAwake } from './wake-lock.js';

const REDRAW_MS = 200;

/** Makes the document the product's page. */
export async function showPage(service: Service): Promise<void> {
  const status = byId('status', HTMLParagraphElement);
  const trouble = byId('trouble', HTMLParagraphElement);
  const startButton = byId('start', HTMLButtonElement);
  const muteButton = byId('mute', HTMLButtonElement);
  const playButton = byId('play', HTMLButtonElement);
  const playFile = byId('play-file', HTMLInputElement);
  const exportRttm = byId('export-rttm', HTMLButtonElement);
  const exportJson = byId('export-json', HTMLButtonElement);
  const timelineEmpty = byId('timeline-empty', HTMLParagraphElement);
  const exampleButton = byId('example', HTMLButtonElement);
  const captionsPart = byId('captions-part', HTMLElement);
  const exportVtt = byId('export-vtt', HTMLButtonElement);
  const newMeeting = byId('new-meeting', HTMLButtonElement);
  const meetingTitle = byId('meeting-title', HTMLParagraphElement);

  const hues = new Hues();
  const now = new NowView(hues, nameVoice);
  const timeline = new TimelineView(
    byId('lanes', HTMLOListElement),
    byId('ruler', HTMLDivElement),
    hues,
    nameVoice,
  );
  const log = new LogView(byId('turns', HTMLOListElement), byId('log-empty', HTMLParagraphElement), hues, {
    onName: nameVoice,
    onAssign: assignTurn,
    onPlay: playTurn,
  });
  const captionList = new CaptionList(byId('captions', HTMLOListElement), hues, nameVoice);
  const microphones = new Microphones();
  const people = new PeopleView(service, hues, complain);
  new EnrolView(service, refreshPeople, () => microphones.deviceId);
  new RecordingView(service, hues, people, refreshPeople);
  if (service.files !== undefined) new VoiceFiles(service.files, refreshPeople);
  const meeting = await Meeting.open();

  /** The present stream, or the last one. */
  let listening: Listening | undefined;
  let active = false;
  /** A start or a stop is under way: another press says nothing new. */
  let busy = false;
  let drawnMs = 0;
  let release = (): void => undefined;
  /** Words changed, and are drawn with the next frame. */
  let captionsDue = false;

  keepFocus();
  startButton.addEventListener('click', () => {
    if (busy) return;
    if (active) {
      listening?.stop();
      setBusy(true);
      startButton.textContent = 'Finishing…';
      return;
    }
    void begin(async () => {
      const { deviceId } = microphones;
      const device = deviceId === undefined ? {} : { deviceId };
      const capture = await openMicrophone({ workletUrl: WORKLET_URL, ...device });
      await microphones.refresh();
      return { capture, source: microphones.label };
    });
  });
  muteButton.addEventListener('click', () => {
    if (listening === undefined) return;
    listening.mute(!listening.muted);
    muteButton.setAttribute('aria-pressed', String(listening.muted));
    muteButton.textContent = listening.muted ? 'Muted' : 'Mute';
  });
  playButton.addEventListener('click', () => {
    if (!busy && !active) playFile.click();
  });
  playFile.addEventListener('change', () => {
    const file = playFile.files?.[0];
    playFile.value = '';
    if (file !== undefined) playRecording(() => Promise.resolve(file));
  });
  exampleButton.addEventListener('click', () => {
    playRecording(async () => {
      const reply = await fetch('example.wav');
      if (!reply.ok) throw new Error('this server has no example recording');
      return new File([await reply.blob()], 'example meeting.wav');
    });
  });
  twoStep(
    newMeeting,
    { text: 'New meeting', sureText: 'Forget this one?', sureLabel: 'Really forget this meeting?' },
    () => void startOver(),
  );
  byId('zoom', HTMLFieldSetElement).addEventListener('change', ({ target }) => {
    if (target instanceof HTMLInputElement) timeline.zoom(Number(target.value));
  });
  exportRttm.addEventListener('click', () => {
    download(toRttm(meeting.book.turns, title()), `${title()}.rttm`, 'text/plain');
  });
  exportJson.addEventListener('click', () => {
    download(toJson(meeting.book.turns, title()), `${title()}.json`, 'application/json');
  });
  exportVtt.addEventListener('click', () => {
    const words = meeting.captions.all;
    const text = formatWords('vtt', { recording: title(), duration: meeting.endSeconds, words });
    download(text, `${title()}.vtt`, 'text/vtt');
  });
  addEventListener('beforeunload', (event) => {
    // A stream that runs would break off; a meeting that no reload finds again would be gone.
    if (active || (!meeting.isKept && !meeting.isEmpty)) event.preventDefault();
  });
  addEventListener('pagehide', () => void meeting.save());
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') void meeting.save();
  });
  refreshPeople();
  service.voicesChanged$?.subscribe(refreshPeople);
  timeline.move(meeting.endSeconds);
  redraw();

  /** A recording is played aloud and listened to as if it were the microphone. */
  function playRecording(load: () => Promise<File>): void {
    if (busy || active) return;
    void begin(async () => {
      const file = await load();
      const { capture, ended } = await play(file);
      void ended.then(() => {
        capture.close();
      });
      return { capture, source: file.name };
    });
  }

  async function begin(
    open: () => Promise<{ readonly capture: Capture; readonly source: string }>,
  ): Promise<void> {
    trouble.textContent = '';
    setBusy(true);
    try {
      // A missing token is asked for before the microphone runs.
      await service.withToken(() => service.speakers.list());
      const { capture, source } = await open();
      await meeting.begin(source);
      drawCaptions();
      active = true;
      listening = new Listening(service, meeting, capture, { onEvent, onWords, onStatus, onNotice, onDone });
      capture.level$.subscribe((level) => {
        if (active) now.showLevel(level, capture.muted);
      });
      startButton.textContent = 'Stop';
      muteButton.hidden = false;
      muteButton.setAttribute('aria-pressed', 'false');
      muteButton.textContent = 'Mute';
      release = keepAwake();
      redraw();
      requestAnimationFrame(tick);
    } catch (error) {
      complain(error);
    }
    setBusy(false);
  }

  /** Not by `disabled`, which would take the focus away. */
  function setBusy(isBusy: boolean): void {
    busy = isBusy;
    startButton.setAttribute('aria-disabled', String(isBusy));
    for (const button of [playButton, exampleButton])
      button.setAttribute('aria-disabled', String(isBusy || active));
  }

  async function startOver(): Promise<void> {
    await meeting.clear();
    timeline.move(0);
    redraw();
    drawCaptions();
  }

  /** What the meeting is called in files: the recording, or when it began. */
  function title(): string {
    const [source, ...others] = meeting.sources;
    const isFile = source !== undefined && others.length === 0 && /\.\w+$/.test(source);
    return isFile ? source.replace(/\.\w+$/, '') : meeting.startedAt;
  }

  function tick(nowMs: number): void {
    if (!active || listening === undefined) return;
    timeline.move(listening.positionSeconds);
    // The turn in progress grows between events.
    if (meeting.book.current !== undefined && nowMs - drawnMs > REDRAW_MS) redraw();
    requestAnimationFrame(tick);
  }

  function onEvent(event: StreamEvent, changed: boolean): void {
    if (event.type === 'named') {
      hues.rename(event.label, event.speaker);
      refreshPeople();
    } else if (event.type === 'warning' && listening?.muted === false) {
      trouble.textContent = event.message;
    } else if (event.type === 'restarted') {
      trouble.textContent = 'The server was out of reach for too long; a new stream began.';
    }
    if (changed) redraw();
  }

  function onWords(change: LiveWordEvent): void {
    meeting.captions.apply(change);
    if (captionsDue) return;
    captionsDue = true;
    requestAnimationFrame(drawCaptions);
  }

  function drawCaptions(): void {
    captionsDue = false;
    const { lines } = meeting.captions;
    captionsPart.hidden = lines.length === 0;
    captionList.show(lines);
  }

  function redraw(): void {
    drawnMs = performance.now();
    const { book } = meeting;
    const turns = book.turnsAt(active ? listening!.positionSamples : book.heardSample);
    timelineEmpty.hidden = turns.length > 0;
    timeline.update(turns);
    log.update(turns);
    now.show(active ? book.current : undefined, idleWords(turns.length > 0));
    const settled = turns.some(({ final }) => final);
    exportRttm.disabled = !settled;
    exportJson.disabled = !settled;
    newMeeting.hidden = active || meeting.startedAt === '';
    exampleButton.hidden = active || turns.length > 0;
    setText(meetingTitle, meeting.sources.join(', '));
    meeting.changed();
  }

  function idleWords(hasTurns: boolean): { readonly name: string; readonly detail: string } {
    if (active) return { name: 'Listening…', detail: 'Nobody speaks.' };
    if (!hasTurns) return { name: 'Nobody yet', detail: 'Press start and talk.' };
    const kept = meeting.isKept
      ? 'This browser keeps the meeting.'
      : 'Another tab or a setting keeps this meeting from being kept.';
    return { name: 'Stopped', detail: `Start goes on with this meeting. ${kept}` };
  }

  function onStatus(told: StreamStatus): void {
    const words = {
      connecting: 'Connecting…',
      open: 'Listening',
      waiting: 'Connection lost, trying again…',
      closed: 'Stopped',
    };
    status.dataset['state'] = told.state === 'closed' && told.error !== undefined ? 'failed' : told.state;
    setText(status, words[told.state]);
    if (told.state === 'open') trouble.textContent = '';
    if (told.state === 'waiting') trouble.textContent = told.reason.message;
  }

  function onNotice(notice: Notice): void {
    if (notice.type === 'speakers') refreshPeople();
    if (notice.type === 'error') trouble.textContent = notice.message;
    if (notice.type === 'lag')
      setText(status, notice.behindSeconds > 1 ? `${notice.behindSeconds.toFixed(0)} s behind` : 'Listening');
  }

  function onDone(error?: Error): void {
    if (!active) return;
    active = false;
    release();
    meeting.reach(listening?.positionSeconds ?? 0);
    startButton.textContent = 'Start listening';
    setBusy(false);
    muteButton.hidden = true;
    now.stop();
    redraw();
    void meeting.save();
    if (error !== undefined) complain(error);
  }

  function nameVoice(label: string): void {
    const isLive = active && isOfThisStream(label);
    const known = people.known;
    const hint = isLive
      ? 'A new name enrols the voice; the name of somebody enrolled, or another unknown label, says that it is theirs. What ' +
        'was said before is renamed.'
      : 'The stream has ended: the name is for these turns alone, and nobody is enrolled.';
    const question = { title: `Who is ${label}?`, hint, known, offerLearning: isLive && known.length > 0 };
    void askName(question, async (name) => {
      if (isLive) {
        await listening!.name(label, name, wantsLearning());
        return;
      }
      hues.rename(label, name);
      meeting.relabel(label, name);
      redraw();
      drawCaptions();
    });
  }

  function assignTurn(booked: BookedTurn): void {
    const { turn, speaker } = booked;
    const number = active ? meeting.book.numberInSession(turn) : undefined;
    const labels = [...new Set(meeting.book.turns.map((other) => other.speaker))].filter(
      (name) => name !== 'unknown',
    );
    const question = {
      title: 'Whose turn was this?',
      hint: `It was told as ${speaker}. Only this turn changes.`,
      known: [...new Set([...people.known, ...labels])],
    };
    void askName(question, async (name) => {
      if (number !== undefined) await listening!.assign(number, name);
      else {
        meeting.reassign(booked, name, people.known.includes(name));
        redraw();
        drawCaptions();
      }
    });
  }

  async function playTurn({ startSample, endSample }: BookedTurn): Promise<void> {
    if (!(await meeting.sound.play(startSample, endSample)))
      trouble.textContent = 'The sound of this turn is not kept any more.';
  }

  function refreshPeople(): void {
    people.refresh().catch(complain);
  }

  function complain(error: unknown): void {
    trouble.textContent = isWhospeaksError(error, 'server-unauthorized')
      ? 'This server asks for an access token; reload to give one.'
      : wordsOf(error);
  }
}
