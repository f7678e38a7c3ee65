import type { RecordingSegment } from '../client/index.js';
import { element } from './dom.js';
import { clock, length } from './format.js';
import type { Hues } from './hues.js';
import { who } from './who.js';

export interface SegmentActions {
  readonly onName: (label: string) => void;
  readonly onPlay: (segment: RecordingSegment) => void;
}

/** All segments of a recording, in order; those that are heard now are marked. */
export class SegmentList {
  #rows: readonly { readonly segment: RecordingSegment; readonly root: HTMLElement }[] = [];

  constructor(
    private readonly list: HTMLElement,
    private readonly hues: Hues,
    private readonly actions: SegmentActions,
  ) {}

  show(segments: readonly RecordingSegment[]): void {
    this.#rows = segments.map((segment) => ({ segment, root: this.#row(segment) }));
    this.list.replaceChildren(...this.#rows.map(({ root }) => root));
    this.list.hidden = segments.length === 0;
  }

  /** Where in the recording the player is. */
  mark(seconds: number | undefined): void {
    for (const { segment, root } of this.#rows) {
      const isHeard =
        seconds !== undefined && seconds >= segment.startSeconds && seconds < segment.endSeconds;
      if (isHeard) root.dataset['playing'] = '';
      else delete root.dataset['playing'];
    }
  }

  #row(segment: RecordingSegment): HTMLElement {
    const { speaker, startSeconds, endSeconds, probability, channel } = segment;
    const start = clock(startSeconds);
    const time = element('time', { text: start });
    time.dateTime = `PT${startSeconds.toFixed(3)}S`;
    const play = element('button', { class: 'link play', label: `Play ${speaker}, ${start}` }, time);
    const notes = [`${Math.round(100 * probability)} %`];
    if (channel !== undefined) notes.push(`channel ${channel + 1}`);
    const root = element(
      'li',
      { class: 'turn' },
      play,
      element(
        'div',
        {},
        who(speaker, this.hues.of(speaker), 'who', this.actions.onName),
        element('span', { class: 'note', text: ` · ${notes.join(' · ')}` }),
      ),
      element('span', { class: 'length', text: length(endSeconds - startSeconds) }),
    );
    root.dataset['speaker'] = speaker;
    // The whole row for a mouse, its time for the keyboard.
    root.addEventListener('click', ({ target }) => {
      if (target instanceof Element && (target.closest('button') ?? play) === play)
        this.actions.onPlay(segment);
    });
    return root;
  }
}
