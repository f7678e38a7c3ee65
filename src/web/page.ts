import {
  isWhospeaksError,
  openMicrophone,
  toJson,
  toRttm,
  type Capture,
  type Notice,
  type Status,
  type StreamEvent,
} from '../client/index.js';
import { askName } from './dialogs.js';
import { byId, setText } from './dom.js';
import { download } from './download.js';
import { WORKLET_URL } from './enrol-recorder.js';
import { EnrolView, wordsOf } from './enrol-view.js';
import { Hues } from './hues.js';
import { Listening } from './listening.js';
import { LogView } from './log-view.js';
import { NowView } from './now-view.js';
import { PeopleView } from './people-view.js';
import { play } from './player.js';
import { Service } from './service.js';
import { TimelineView } from './timeline-view.js';
import { keepAwake } from './wake-lock.js';

const REDRAW_MS = 200;

const status = byId('status', HTMLParagraphElement);
const trouble = byId('trouble', HTMLParagraphElement);
const startButton = byId('start', HTMLButtonElement);
const muteButton = byId('mute', HTMLButtonElement);
const playButton = byId('play', HTMLButtonElement);
const playFile = byId('play-file', HTMLInputElement);
const exportRttm = byId('export-rttm', HTMLButtonElement);
const exportJson = byId('export-json', HTMLButtonElement);
const timelineEmpty = byId('timeline-empty', HTMLParagraphElement);

const service = new Service();
const hues = new Hues();
const now = new NowView(hues, nameVoice);
const timeline = new TimelineView(
  byId('lanes', HTMLOListElement),
  byId('ruler', HTMLDivElement),
  hues,
  nameVoice,
);
const log = new LogView(
  byId('turns', HTMLOListElement),
  byId('log-empty', HTMLParagraphElement),
  hues,
  nameVoice,
);
const people = new PeopleView(service, hues, complain);
new EnrolView(service, refreshPeople);

/** The present stream, or the last one, whose turns are still shown. */
let listening: Listening | undefined;
let active = false;
let drawnMs = 0;
let startedAt = '';
let release = (): void => undefined;

startButton.addEventListener('click', () => {
  if (active) {
    listening?.stop();
    startButton.disabled = true;
    startButton.textContent = 'Finishing…';
    return;
  }
  void begin(() => openMicrophone({ workletUrl: WORKLET_URL }));
});
muteButton.addEventListener('click', () => {
  if (listening === undefined) return;
  listening.mute(!listening.muted);
  muteButton.setAttribute('aria-pressed', String(listening.muted));
  muteButton.textContent = listening.muted ? 'Muted' : 'Mute';
});
playButton.addEventListener('click', () => {
  playFile.click();
});
playFile.addEventListener('change', () => {
  const file = playFile.files?.[0];
  playFile.value = '';
  if (file === undefined) return;
  void begin(async () => {
    const { capture, ended } = await play(file);
    void ended.then(() => {
      capture.close();
    });
    return capture;
  });
});
byId('zoom', HTMLFieldSetElement).addEventListener('change', ({ target }) => {
  if (target instanceof HTMLInputElement) timeline.zoom(Number(target.value));
});
exportRttm.addEventListener('click', () => {
  if (listening !== undefined)
    download(toRttm(listening.book.turns, startedAt), `${startedAt}.rttm`, 'text/plain');
});
exportJson.addEventListener('click', () => {
  if (listening !== undefined)
    download(toJson(listening.book.turns, startedAt), `${startedAt}.json`, 'application/json');
});
refreshPeople();

async function begin(open: () => Promise<Capture>): Promise<void> {
  trouble.textContent = '';
  startButton.disabled = true;
  playButton.disabled = true;
  try {
    // A missing token is asked for before the microphone runs.
    await service.withToken(() => service.speakers.list());
    const capture = await open();
    startedAt = `whospeaks-${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}`;
    active = true;
    listening = new Listening(service, capture, { onEvent, onStatus, onNotice, onDone });
    capture.level$.subscribe((level) => {
      now.showLevel(level, capture.muted);
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
    playButton.disabled = false;
  }
  startButton.disabled = false;
}

function tick(nowMs: number): void {
  if (!active || listening === undefined) return;
  timeline.move(listening.positionSeconds);
  // The turn in progress grows between events.
  if (listening.book.current !== undefined && nowMs - drawnMs > REDRAW_MS) redraw();
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

function redraw(): void {
  if (listening === undefined) return;
  drawnMs = performance.now();
  const { book } = listening;
  const { current } = book;
  const turns = book.turnsAt(active ? listening.positionSamples : book.heardSample);
  timelineEmpty.hidden = turns.length > 0;
  timeline.update(turns);
  log.update(turns);
  now.show(
    active ? current : undefined,
    active
      ? { name: 'Listening…', detail: 'Nobody speaks.' }
      : { name: 'Stopped', detail: 'Start listens anew and clears the turns.' },
  );
  const settled = turns.some(({ final }) => final);
  exportRttm.disabled = !settled;
  exportJson.disabled = !settled;
}

function onStatus(told: Status): void {
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
  startButton.disabled = false;
  startButton.textContent = 'Start listening';
  playButton.disabled = false;
  muteButton.hidden = true;
  now.showLevel({ rms: 0, peak: 0 }, false);
  redraw();
  if (error !== undefined) complain(error);
}

function nameVoice(label: string): void {
  const hint = active
    ? 'The voice is enrolled under this name, and what it said before is renamed.'
    : 'The stream has ended: the name is for these turns alone, and nobody is enrolled.';
  void askName(`Who is ${label}?`, hint).then(async (name) => {
    if (name === null || listening === undefined) return;
    if (!active) {
      hues.rename(label, name);
      listening.book.relabel(label, name);
      redraw();
      return;
    }
    try {
      await listening.name(label, name);
    } catch (error) {
      complain(error);
    }
  });
}

function refreshPeople(): void {
  people.refresh().catch(complain);
}

function complain(error: unknown): void {
  trouble.textContent = isWhospeaksError(error, 'server-unauthorized')
    ? 'This server asks for an access token; reload to give one.'
    : wordsOf(error);
}
