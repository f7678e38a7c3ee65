import { byId, focusLabelled } from './dom.js';

/** Ask for a name; resolves with null where the dialog is left. */
export function askName(title: string, hint: string, present = ''): Promise<string | null> {
  const dialog = byId('name-dialog', HTMLDialogElement);
  const input = byId('name-input', HTMLInputElement);
  byId('name-title', HTMLHeadingElement).textContent = title;
  byId('name-hint', HTMLParagraphElement).textContent = hint;
  byId('name-cancel', HTMLButtonElement).onclick = () => {
    dialog.close();
  };
  input.value = present;
  return ask(dialog, byId('name-form', HTMLFormElement), input);
}

/** Ask for the access token; it cannot be done without. */
export function askToken(hint: string): Promise<string | null> {
  byId('token-hint', HTMLParagraphElement).textContent = hint;
  const input = byId('token-input', HTMLInputElement);
  input.value = '';
  return ask(byId('token-dialog', HTMLDialogElement), byId('token-form', HTMLFormElement), input);
}

function ask(
  dialog: HTMLDialogElement,
  form: HTMLFormElement,
  input: HTMLInputElement,
): Promise<string | null> {
  return new Promise((resolve) => {
    let answer: string | null = null;
    const opener = document.activeElement;
    const label = opener?.getAttribute('aria-label');
    // The dialog gives the focus back, unless what it was opened from has been drawn again.
    const giveBack = (): void => {
      if (opener?.isConnected === false && label) focusLabelled(label);
    };
    form.onsubmit = (event) => {
      event.preventDefault();
      answer = input.value.trim();
      if (answer !== '') dialog.close();
    };
    // The event of the closing comes some time after it: until then, what is typed next would be lost.
    dialog.oncancel = (event) => {
      event.preventDefault();
      dialog.close();
      giveBack();
    };
    dialog.onclose = () => {
      giveBack();
      resolve(answer);
    };
    dialog.showModal();
    input.select();
  });
}
