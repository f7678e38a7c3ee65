import { byId, focusLabelled } from './dom.js';

/** What is done with the answer; where it rejects, the dialog stays open with what was typed, and says why. */
export type Attempt = (answer: string) => Promise<void>;

export interface NameQuestion {
  readonly title: string;
  readonly hint: string;
  readonly present?: string;
  /** Names to choose from. */
  readonly known?: readonly string[];
  /** Offer that what was heard joins the profile; `attempt` reads it by `wantsLearning`. */
  readonly offerLearning?: boolean;
}

/** Ask for a name, until it could be given or the dialog is left. Resolves with whether it was given. */
export function askName(
  { title, hint, present = '', known = [], offerLearning = false }: NameQuestion,
  attempt: Attempt,
): Promise<boolean> {
  const dialog = byId('name-dialog', HTMLDialogElement);
  const input = byId('name-input', HTMLInputElement);
  byId('name-title', HTMLHeadingElement).textContent = title;
  byId('name-hint', HTMLParagraphElement).textContent = hint;
  byId('name-learn', HTMLLabelElement).hidden = !offerLearning;
  byId('name-learn-input', HTMLInputElement).checked = false;
  byId('name-known', HTMLDataListElement).replaceChildren(...known.map((name) => new Option(name, name)));
  byId('name-cancel', HTMLButtonElement).onclick = () => {
    dialog.close();
  };
  input.value = present;
  return ask(
    dialog,
    byId('name-form', HTMLFormElement),
    input,
    byId('name-error', HTMLParagraphElement),
    attempt,
  );
}

/** Whether what was heard is to join the profile. */
export function wantsLearning(): boolean {
  return byId('name-learn-input', HTMLInputElement).checked;
}

/** Ask for the access token; it cannot be done without. */
export function askToken(hint: string, attempt: Attempt): Promise<boolean> {
  byId('token-hint', HTMLParagraphElement).textContent = hint;
  const input = byId('token-input', HTMLInputElement);
  input.value = '';
  const error = byId('token-error', HTMLParagraphElement);
  return ask(
    byId('token-dialog', HTMLDialogElement),
    byId('token-form', HTMLFormElement),
    input,
    error,
    attempt,
  );
}

function ask(
  dialog: HTMLDialogElement,
  form: HTMLFormElement,
  input: HTMLInputElement,
  trouble: HTMLParagraphElement,
  attempt: Attempt,
): Promise<boolean> {
  return new Promise((resolve) => {
    let attempts = 0;
    let isGiven = false;
    const opener = document.activeElement;
    const label = opener?.getAttribute('aria-label');
    trouble.textContent = '';
    // The dialog gives the focus back, unless what it was opened from has been drawn again.
    const giveBack = (): void => {
      if (opener?.isConnected === false && label) focusLabelled(label);
    };
    form.onsubmit = (event) => {
      event.preventDefault();
      const answer = input.value.trim();
      if (answer === '') return;
      const own = ++attempts;
      trouble.textContent = '';
      attempt(answer).then(
        () => {
          isGiven = true;
          if (dialog.open) dialog.close();
        },
        (error: unknown) => {
          // What was typed since counts.
          if (own === attempts) trouble.textContent = error instanceof Error ? error.message : String(error);
        },
      );
    };
    // The event of the closing comes some time after it: until then, what is typed next would be lost.
    dialog.oncancel = (event) => {
      event.preventDefault();
      dialog.close();
      giveBack();
    };
    dialog.onclose = () => {
      attempts = -1;
      giveBack();
      resolve(isGiven);
    };
    dialog.showModal();
    input.select();
  });
}
