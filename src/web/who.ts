import { element } from './dom.js';
import { canBeNamed } from './format.js';

/** A voice's label in its colour: a button that names it where it is a stranger, text otherwise. */
export function who(
  label: string,
  hue: string,
  className: string,
  onName: (label: string) => void,
): HTMLElement {
  if (!canBeNamed(label)) return element('span', { class: `${className} ${hue}`, text: label });
  return element('button', {
    class: `link ${className} ${hue}`,
    text: label,
    label: `${label}: give this voice a name`,
    onClick: () => {
      onName(label);
    },
  });
}
