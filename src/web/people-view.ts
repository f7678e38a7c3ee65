import type { SpeakerInfo } from '../client/index.js';
import { askName } from './dialogs.js';
import { byId, element, focusLabelled } from './dom.js';
import { length } from './format.js';
import type { Hues } from './hues.js';
import type { Service } from './service.js';
import { twoStep } from './two-step.js';

/** The enrolled voices, each to be renamed or removed. */
export class PeopleView {
  private readonly list = byId('voices', HTMLUListElement);
  private readonly empty = byId('people-empty', HTMLParagraphElement);
  private readonly undo = byId('people-undo', HTMLParagraphElement);
  private names: readonly string[] = [];

  constructor(
    private readonly service: Service,
    private readonly hues: Hues,
    private readonly onTrouble: (error: unknown) => void,
  ) {}

  /** Who is enrolled, as far as is known. */
  get known(): readonly string[] {
    return this.names;
  }

  async refresh(): Promise<void> {
    const { speakers } = await this.service.withToken(() => this.service.speakers.list());
    const focused = document.activeElement?.getAttribute('aria-label');
    this.names = speakers.map(({ name }) => name);
    this.list.replaceChildren(...speakers.map((speaker) => this.row(speaker)));
    this.empty.hidden = speakers.length > 0;
    // A redrawn list must not throw the keyboard back to the top of the page.
    if (focused) focusLabelled(focused, this.list);
  }

  private row({ name, speechSeconds, usable, model }: SpeakerInfo): HTMLLIElement {
    const rename = element('button', {
      text: 'Rename',
      label: `Rename ${name}`,
      onClick: () => {
        void this.change(() => this.rename(name));
      },
    });
    const remove = element('button');
    twoStep(remove, { text: 'Remove', label: `Remove ${name}`, sureLabel: `Really remove ${name}?` }, () => {
      void this.change(() => this.remove(name));
    });
    const voice = element(
      'span',
      { class: `who ${this.hues.of(name)}` },
      element('span', { text: name }),
      element('span', { class: 'hint', text: length(speechSeconds) }),
      ...(usable ? [] : [element('span', { class: 'hint', text: notNamed(model.name) })]),
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

  /** The voice is gone, and can be had back. */
  private async remove(name: string): Promise<void> {
    await this.service.withToken(() => this.service.speakers.remove(name));
    const back = element('button', {
      text: 'Undo',
      label: `Undo the removal of ${name}`,
      onClick: () => {
        this.undo.replaceChildren();
        void this.change(async () => {
          await this.service.withToken(() => this.service.speakers.restore(name));
        });
      },
    });
    this.undo.replaceChildren(`${name} was removed. `, back);
    back.focus();
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

/** Of a speaker whom the server's model cannot name. */
function notNamed(model: string): string {
  return `Is not named: enrolled with another model, ${model}. Enrol this voice again.`;
}
