import type { SpeakerInfo } from '../client/index.js';
import { askName } from './dialogs.js';
import { byId, element, focusLabelled } from './dom.js';
import { length } from './format.js';
import type { Hues } from './hues.js';
import type { Service } from './service.js';
import { twoStep } from './two-step.js';

/** How long a removal can be taken back, ms; it is done then. */
const UNDO_MS = 8000;

interface Removal {
  readonly name: string;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** The enrolled voices, each to be renamed or removed. */
export class PeopleView {
  private readonly list = byId('voices', HTMLUListElement);
  private readonly empty = byId('people-empty', HTMLParagraphElement);
  private readonly undo = byId('people-undo', HTMLParagraphElement);
  private names: readonly string[] = [];
  private removal: Removal | undefined;

  constructor(
    private readonly service: Service,
    private readonly hues: Hues,
    private readonly onTrouble: (error: unknown) => void,
  ) {
    // Whoever leaves does not take it back any more.
    addEventListener('pagehide', () => void this.remove());
  }

  /** Who is enrolled, as far as is known. */
  get known(): readonly string[] {
    return this.names;
  }

  async refresh(): Promise<void> {
    const { speakers } = await this.service.withToken(() => this.service.speakers.list());
    const focused = document.activeElement?.getAttribute('aria-label');
    const there = speakers.filter(({ name }) => name !== this.removal?.name);
    this.names = there.map(({ name }) => name);
    this.list.replaceChildren(...there.map((speaker) => this.row(speaker)));
    this.empty.hidden = there.length > 0;
    // A redrawn list must not throw the keyboard back to the top of the page.
    if (focused) focusLabelled(focused, this.list);
  }

  private row({ name, speechSeconds }: SpeakerInfo): HTMLLIElement {
    const rename = element('button', {
      text: 'Rename',
      label: `Rename ${name}`,
      onClick: () => {
        void this.change(() => this.rename(name));
      },
    });
    const remove = element('button');
    twoStep(remove, { text: 'Remove', label: `Remove ${name}`, sureLabel: `Really remove ${name}?` }, () => {
      void this.change(() => this.offerUndo(name));
    });
    const voice = element(
      'span',
      { class: `who ${this.hues.of(name)}` },
      element('span', { text: name }),
      element('span', { class: 'hint', text: length(speechSeconds) }),
    );
    return element(
      'li',
      { class: 'voice' },
      voice,
      element('div', { class: 'controls small' }, rename, remove),
    );
  }

  private async rename(name: string): Promise<void> {
    const question = { title: `Rename ${name}`, hint: 'The voice stays the same.', present: name };
    await askName(question, async (answer) => {
      if (answer === name) return;
      await this.service.withToken(() => this.service.speakers.rename(name, answer));
      this.hues.rename(name, answer);
    });
  }

  /** The voice is gone from the list, and from the server when nobody took that back. */
  private async offerUndo(name: string): Promise<void> {
    await this.remove();
    const timer = setTimeout(() => {
      this.remove().catch(this.onTrouble);
    }, UNDO_MS);
    this.removal = { name, timer };
    const back = element('button', {
      text: 'Undo',
      label: `Undo the removal of ${name}`,
      onClick: () => {
        this.forgetRemoval();
        void this.change(() => Promise.resolve());
      },
    });
    this.undo.replaceChildren(`${name} was removed. `, back);
    back.focus();
  }

  /** Remove who was removed here, on the server too. */
  private async remove(): Promise<void> {
    const { removal } = this;
    if (removal === undefined) return;
    this.forgetRemoval();
    await this.service.withToken(() => this.service.speakers.remove(removal.name));
    await this.refresh();
  }

  private forgetRemoval(): void {
    clearTimeout(this.removal?.timer);
    this.removal = undefined;
    this.undo.replaceChildren();
  }

  private async change(action: () => Promise<void>): Promise<void> {
    try {
      await action();
      await this.refresh();
    } catch (error) {
      this.onTrouble(error);
    }
  }
}
