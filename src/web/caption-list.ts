import type { NamedWord, Utterance } from '../client/index.js';
import { element } from './dom.js';
import { clock } from './format.js';
import type { Hues } from './hues.js';
import { who } from './who.js';

/** Lines that are drawn: what was said before them is in the file that is saved. */
const MAX_LINES = 500;

type Line = Utterance<NamedWord & { readonly final?: boolean }>;

/** Who said what, a line an utterance; it stays at its end while its end is seen. */
export class CaptionList {
  private drawn: { readonly key: string; readonly root: HTMLElement }[] = [];

  constructor(
    private readonly list: HTMLElement,
    private readonly hues: Hues,
    private readonly onName: (label: string) => void,
  ) {}

  show(all: readonly Line[]): void {
    const { scrollTop, scrollHeight, clientHeight } = this.list;
    const isAtEnd = scrollTop + clientHeight >= scrollHeight - 8;
    const before = new Map(this.drawn.map((row) => [row.key, row]));
    this.drawn = all.slice(-MAX_LINES).map((line) => {
      const key = JSON.stringify([
        line.start,
        line.speaker,
        this.hues.of(line.speaker),
        isFinal(line),
        line.text,
      ]);
      return before.get(key) ?? { key, root: this.row(line) };
    });
    this.list.replaceChildren(...this.drawn.map(({ root }) => root));
    if (isAtEnd) this.list.scrollTop = this.list.scrollHeight;
  }

  private row(line: Line): HTMLElement {
    const { speaker, start, text } = line;
    const time = element('time', { text: clock(start) });
    time.dateTime = `PT${start.toFixed(3)}S`;
    const said = element('span', { class: 'said', text: ` ${text}` });
    const root = element(
      'li',
      { class: 'caption' },
      time,
      element('p', {}, who(speaker, this.hues.of(speaker), 'who', this.onName), said),
    );
    root.dataset['speaker'] = speaker;
    root.dataset['final'] = String(isFinal(line));
    return root;
  }
}

/** Of a whole recording every word is. */
function isFinal({ words }: Line): boolean {
  return words.every(({ final = true }) => final);
}
