import type { BookedTurn } from '../client/index.js';
import { element, setText } from './dom.js';
import { clock } from './format.js';
import type { Hues } from './hues.js';
import { who } from './who.js';
import { SAMPLE_RATE_HZ } from '../stream/geometry.js';

/** Bars in the page at most; older ones lie far to the left. */
const MAX_BARS = 2000;
const TICK_SECONDS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];
const MIN_TICK_PX = 64;

/** What is drawn of a turn. */
export type TimelineTurn = Pick<
  BookedTurn,
  'turn' | 'speaker' | 'known' | 'final' | 'startSample' | 'endSample' | 'overlap' | 'overlaps' | 'was'
>;

interface Lane {
  readonly root: HTMLLIElement;
  readonly strip: HTMLElement;
  readonly time: HTMLElement;
  readonly bars: Map<number, HTMLElement>;
}

/** One lane a voice, the newest sound at the right. Screen readers get the same from the list of turns. */
export class TimelineView {
  private readonly lanes = new Map<string, Lane>();
  private readonly ticks = element('div', { class: 'strip' });
  private drawnTicks = '';
  private widthPx = 0;
  private nowSeconds = 0;
  private windowSeconds = 60;
  private turns: readonly TimelineTurn[] = [];

  constructor(
    private readonly list: HTMLElement,
    private readonly ruler: HTMLElement,
    private readonly hues: Hues,
    private readonly onName: (label: string) => void,
  ) {
    ruler.append(this.ticks);
    new ResizeObserver(() => {
      this.resize();
    }).observe(ruler);
  }

  /** Seconds to show; 0 for all of the stream. */
  zoom(seconds: number): void {
    this.windowSeconds = seconds;
    this.resize();
  }

  /** The turns changed. */
  update(turns: readonly TimelineTurn[]): void {
    this.turns = turns;
    const spoken = new Map<string, number>();
    for (const { speaker, startSample, endSample } of turns)
      spoken.set(speaker, (spoken.get(speaker) ?? 0) + (endSample - startSample) / SAMPLE_RATE_HZ);
    for (const [speaker, lane] of this.lanes) {
      if (spoken.has(speaker)) continue;
      lane.root.remove();
      this.lanes.delete(speaker);
    }
    const all = [...spoken.values()].reduce((sum, seconds) => sum + seconds, 0);
    for (const [speaker, seconds] of spoken)
      setText(this.lane(speaker).time, `${clock(seconds)} · ${Math.round((100 * seconds) / all)} %`);
    this.drawBars();
    this.move(this.nowSeconds);
  }

  /** Time went on. */
  move(nowSeconds: number): void {
    this.nowSeconds = nowSeconds;
    if (this.windowSeconds === 0) this.drawBars();
    const leftSeconds = Math.max(0, nowSeconds - this.shownSeconds());
    const shift = `translateX(${(-leftSeconds * this.scale()).toFixed(1)}px)`;
    for (const { strip } of this.lanes.values()) strip.style.transform = shift;
    this.ticks.style.transform = shift;
    this.drawTicks(leftSeconds);
  }

  private resize(): void {
    this.widthPx = this.ruler.clientWidth;
    this.drawnTicks = '';
    this.drawBars();
    this.move(this.nowSeconds);
  }

  private shownSeconds(): number {
    return this.windowSeconds === 0 ? Math.max(10, this.nowSeconds) : this.windowSeconds;
  }

  /** Pixels a second. */
  private scale(): number {
    return this.widthPx / this.shownSeconds();
  }

  private lane(speaker: string): Lane {
    const known = this.lanes.get(speaker);
    if (known !== undefined) return known;
    const strip = element('div', { class: 'strip' });
    const time = element('span', { class: 'lane-time' });
    const hue = this.hues.of(speaker);
    const head = element('div', { class: 'lane-head' }, who(speaker, hue, 'lane-name', this.onName), time);
    const track = element('div', { class: `track ${hue}` }, strip);
    track.setAttribute('aria-hidden', 'true');
    const root = element('li', { class: 'lane' }, head, track);
    root.dataset['speaker'] = speaker;
    const lane = { root, strip, time, bars: new Map<number, HTMLElement>() };
    this.lanes.set(speaker, lane);
    this.list.append(root);
    return lane;
  }

  private drawBars(): void {
    const scale = this.scale();
    const drawn = new Set<HTMLElement>();
    for (const turn of this.turns.slice(-MAX_BARS)) {
      const { bars, strip } = this.lane(turn.speaker);
      let bar = bars.get(turn.turn);
      if (bar === undefined) {
        bar = element('div', { class: 'turn-bar' });
        bars.set(turn.turn, bar);
        strip.append(bar);
      }
      drawn.add(bar);
      const [start, end] = [turn.startSample / SAMPLE_RATE_HZ, turn.endSample / SAMPLE_RATE_HZ];
      // Set through the object model, which a strict content security policy allows, unlike an attribute.
      bar.style.left = `${(start * scale).toFixed(1)}px`;
      bar.style.width = `${Math.max(3, (end - start) * scale - 1).toFixed(1)}px`;
      bar.dataset['final'] = String(turn.final);
      bar.dataset['known'] = String(turn.known);
      bar.dataset['overlap'] = String(turn.overlap && !turn.final);
      markOverlaps(bar, turn);
      bar.dataset['corrected'] = String(turn.was !== undefined);
      bar.title = `${turn.speaker}, ${clock(start)} to ${clock(end)}`;
    }
    for (const { bars } of this.lanes.values()) {
      for (const [turn, bar] of bars) {
        if (drawn.has(bar)) continue;
        bar.remove();
        bars.delete(turn);
      }
    }
  }

  private drawTicks(leftSeconds: number): void {
    const scale = this.scale();
    if (scale <= 0) return;
    const step = TICK_SECONDS.find((seconds) => seconds * scale >= MIN_TICK_PX) ?? 7200;
    const first = Math.floor(leftSeconds / step);
    const last = Math.ceil((leftSeconds + this.shownSeconds()) / step);
    const drawing = `${first} ${last} ${step} ${scale}`;
    if (drawing === this.drawnTicks) return;
    this.drawnTicks = drawing;
    const ticks = [];
    for (let tick = first; tick <= last; tick++) {
      const mark = element('span', { text: clock(tick * step) });
      mark.style.left = `${(tick * step * scale).toFixed(1)}px`;
      ticks.push(mark);
    }
    this.ticks.replaceChildren(...ticks);
  }
}

/** A line under the part of a settled turn in which two are heard. */
function markOverlaps(bar: HTMLElement, { startSample, endSample, overlaps }: TimelineTurn): void {
  if (bar.childElementCount === overlaps.length) return;
  const marks = overlaps.map((stretch) => {
    const mark = element('span', { class: 'overlap-mark' });
    const share = (samples: number): string => `${((100 * samples) / (endSample - startSample)).toFixed(2)}%`;
    mark.style.left = share(stretch.startSample - startSample);
    mark.style.width = share(stretch.endSample - stretch.startSample);
    return mark;
  });
  bar.replaceChildren(...marks);
}
