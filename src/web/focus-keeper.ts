const FOCUSABLE = 'button, input, select, textarea, a[href], [tabindex]';

interface Focused {
  readonly element: Element;
  readonly name: string;
  readonly home: Element | null;
}

/**
 * Keeps the keyboard where it was: a control that is drawn again, hidden or disabled while it has the focus would leave it to
 * the body, and the next Tab would begin at the top of the page. The focus goes to the control of the same name where it is
 * drawn again, else to the next one in the same section, else to the section itself.
 */
export function keepFocus(): void {
  let last: Focused | undefined;
  /** Where a dialog was opened from, which may be drawn again before it closes. */
  let outside: Focused | undefined;
  document.addEventListener('focusin', ({ target }) => {
    if (!(target instanceof Element)) return;
    last = { element: target, name: nameOf(target), home: target.closest('dialog, section, header') };
    if (!(last.home instanceof HTMLDialogElement)) outside = last;
  });
  // Who clicks beside everything wants to leave.
  document.addEventListener('pointerdown', ({ target }) => {
    if (target instanceof Element && target.closest(FOCUSABLE) === null) last = undefined;
  });
  const check = (): void => {
    if (last === undefined || isIn(document.activeElement)) return;
    const isLeft = last.home instanceof HTMLDialogElement && !last.home.open;
    const { element, name, home } = (isLeft ? outside : undefined) ?? last;
    const all = [...document.querySelectorAll<HTMLElement>(FOCUSABLE)].filter(canFocus);
    const within = all.filter((one) => home?.contains(one) === true);
    const after = within.find(
      (one) => element.isConnected && element.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING,
    );
    const next = all.find((one) => nameOf(one) === name) ?? after ?? within[0];
    if (next !== undefined) next.focus();
    else if (home instanceof HTMLElement) {
      home.tabIndex = -1;
      home.focus();
    }
  };
  // The browser takes the focus away when it has drawn the change.
  new MutationObserver(() => {
    requestAnimationFrame(() => {
      requestAnimationFrame(check);
    });
  }).observe(document.body, {
    subtree: true,
    childList: true,
    attributes: true,
    attributeFilter: ['disabled', 'hidden', 'open'],
  });
}

function isIn(element: Element | null): boolean {
  return element !== null && element !== document.body && canFocus(element);
}

function canFocus(element: Element): boolean {
  return (
    element instanceof HTMLElement &&
    element.isConnected &&
    !element.matches(':disabled, [hidden] *, [hidden], dialog:not([open]) *') &&
    (document.querySelector('dialog[open]')?.contains(element) ?? true)
  );
}

function nameOf(element: Element): string {
  return element.getAttribute('aria-label') ?? (element.id || element.textContent);
}
