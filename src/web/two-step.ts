/** How long "Really?" stands, ms. */
const SURE_MS = 5000;

export interface TwoStepTexts {
  readonly text: string;
  /** Its accessible name; default the text. */
  readonly label?: string;
  /** What it asks after the first press, and the accessible name of that. */
  readonly sureText?: string;
  readonly sureLabel: string;
}

/**
 * A button that asks once more before it acts. Escape, leaving it, and waiting take the question back; the focus stays on
 * the button.
 */
export function twoStep(
  button: HTMLButtonElement,
  { text, label = text, sureText = 'Really?', sureLabel }: TwoStepTexts,
  act: () => void,
): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const show = (sure: boolean): void => {
    clearTimeout(timer);
    timer = sure ? setTimeout(show, SURE_MS, false) : undefined;
    if (sure) button.dataset['sure'] = '';
    else delete button.dataset['sure'];
    button.textContent = sure ? sureText : text;
    button.setAttribute('aria-label', sure ? sureLabel : label);
  };
  show(false);
  button.addEventListener('click', () => {
    const sure = button.dataset['sure'] !== undefined;
    show(!sure);
    if (sure) act();
  });
  button.addEventListener('blur', () => {
    show(false);
  });
  button.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || button.dataset['sure'] === undefined) return;
    event.preventDefault();
    show(false);
  });
}
