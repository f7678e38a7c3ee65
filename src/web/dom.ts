/** The element of this id; the page and its script are written together, so that it is there. */
export function byId<T extends HTMLElement>(id: string, type: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`the page has no ${type.name} #${id}`);
  return found;
}

interface Properties {
  readonly class?: string;
  readonly text?: string;
  readonly label?: string;
  readonly onClick?: () => void;
}

/** A new element. Text is always text, never markup. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  { class: className, text, label, onClick }: Properties = {},
  ...children: HTMLElement[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (className !== undefined) made.className = className;
  if (text !== undefined) made.textContent = text;
  if (label !== undefined) made.setAttribute('aria-label', label);
  if (onClick !== undefined) made.addEventListener('click', onClick);
  if (made instanceof HTMLButtonElement) made.type = 'button';
  made.append(...children);
  return made;
}

/** Set text only where it differs, so that nothing is laid out or announced again for nothing. */
export function setText(target: HTMLElement, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

/** Focus the button with this label, such as one that was drawn again. */
export function focusLabelled(label: string | null | undefined, within: ParentNode = document): void {
  for (const button of within.querySelectorAll('button'))
    if (button.getAttribute('aria-label') === label) button.focus();
}
