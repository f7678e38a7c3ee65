import { meter, type BookedTurn, type Level } from '../client/index.js';
import { byId, setText } from './dom.js';
import { canBeNamed } from './format.js';
import type { Hues } from './hues.js';
import { who } from './who.js';

/** A peak from here on is about to clip. */
const LOUD = 0.97;

/** The name of whoever speaks, large, and the microphone's level. */
export class NowView {
  private readonly name = byId('now-name', HTMLParagraphElement);
  private readonly detail = byId('now-detail', HTMLParagraphElement);
  private readonly announcer = byId('announcer', HTMLParagraphElement);
  private readonly level = byId('level', HTMLDivElement);
  private readonly fill = byId('level-fill', HTMLDivElement);
  private shown = '';
  private levelShown = 0;

  constructor(
    private readonly hues: Hues,
    private readonly onName: (label: string) => void,
  ) {}

  /** The turn in progress, or what to say where there is none. */
  show(turn: BookedTurn | undefined, otherwise: { readonly name: string; readonly detail: string }): void {
    if (turn === undefined) {
      this.put('', () => {
        this.name.className = 'name';
        this.name.dataset['kind'] = 'nobody';
        this.name.textContent = otherwise.name;
      });
      setText(this.name, otherwise.name);
      setText(this.detail, otherwise.detail);
      return;
    }
    const { speaker, known, probability, overlap, others } = turn;
    const hue = this.hues.of(speaker);
    this.put(`${speaker} ${hue}`, () => {
      this.name.className = `name ${hue}`;
      this.name.dataset['kind'] = known ? 'known' : 'unknown';
      this.name.replaceChildren(
        canBeNamed(speaker) ? who(speaker, hue, 'who', this.onName) : document.createTextNode(speaker),
      );
      this.announcer.textContent = `${speaker} is speaking`;
    });
    const sure = `${Math.round(100 * probability)} % sure`;
    const beside = overlap ? ` · ${others.length > 0 ? others.join(', ') : 'somebody else'} speaks too` : '';
    const offer = canBeNamed(speaker) ? ' · click to give this voice a name' : '';
    setText(this.detail, `${sure}${beside}${offer}`);
  }

  showLevel({ rms, peak }: Level, muted: boolean): void {
    // Fast up and slow down, as meters are read.
    this.levelShown = Math.max(meter(rms), this.levelShown - 0.03);
    this.fill.style.transform = `scaleX(${this.levelShown.toFixed(3)})`;
    this.level.setAttribute('aria-valuenow', String(Math.round(this.levelShown * 100)));
    this.level.dataset['loud'] = String(peak >= LOUD);
    this.level.dataset['muted'] = String(muted);
  }

  /** Nobody listens any more: the level is down, and nothing is announced. */
  stop(): void {
    this.levelShown = 0;
    this.announcer.textContent = '';
    this.showLevel({ rms: 0, peak: 0 }, false);
  }

  private put(shown: string, draw: () => void): void {
    if (this.shown === shown) return;
    this.shown = shown;
    draw();
  }
}
