import type { SpeakerInfo } from '../client/index.js';
import { askName } from './dialogs.js';
import { byId, element, focusLabelled } from './dom.js';
import { length } from './format.js';
import type { Hues } from './hues.js';
import type { Service } from './service.js';

/** How long "really?" stands. */
const SURE_MS = 5000;

/** The enrolled voices, each to be renamed or removed. */
export class PeopleView {
  private readonly list = byId('voices', HTMLUListElement);
  private readonly empty = byId('people-empty', HTMLParagraphElement);

  constructor(
    private readonly service: Service,
    private readonly hues: Hues,
    private readonly onTrouble: (error: unknown) => void,
  ) {}

  async refresh(): Promise<void> {
    const { speakers } = await this.service.withToken(() => this.service.speakers.list());
    const focused = document.activeElement?.getAttribute('aria-label');
    this.list.replaceChildren(...speakers.map((speaker) => this.row(speaker)));
    this.empty.hidden = speakers.length > 0;
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
    const remove = element('button', { text: 'Remove', label: `Remove ${name}` });
    remove.addEventListener('click', () => {
      if (remove.dataset['sure'] !== undefined) {
        void this.change(() => this.service.speakers.remove(name));
        return;
      }
      remove.dataset['sure'] = '';
      remove.textContent = 'Really?';
      remove.setAttribute('aria-label', `Really remove ${name}?`);
      setTimeout(() => {
        delete remove.dataset['sure'];
        remove.textContent = 'Remove';
        remove.setAttribute('aria-label', `Remove ${name}`);
      }, SURE_MS);
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
    const answer = await askName(`Rename ${name}`, 'The voice stays the same.', name);
    if (answer === null || answer === name) return;
    await this.service.speakers.rename(name, answer);
    this.hues.rename(name, answer);
  }

  private async change(action: () => Promise<void>): Promise<void> {
    try {
      await this.service.withToken(action);
      await this.refresh();
    } catch (error) {
      this.onTrouble(error);
    }
  }
}
