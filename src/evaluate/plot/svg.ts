/** One colour a series, told apart by most colour-blind people (Okabe and Ito 2008). */
const COLOURS = [
  '#0072b2',
  '#d55e00',
  '#009e73',
  '#cc79a7',
  '#e69f00',
  '#56b4e9',
  '#8c564b',
  '#7f7f7f',
] as const;

export function colourOf(index: number): string {
  return COLOURS[index % COLOURS.length]!;
}

/** `<name key="value">content</name>`; numbers to a hundredth. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  content = '',
): string {
  const written = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? rounded(value) : escaped(value)}"`)
    .join('');
  return content === '' ? `<${name}${written}/>` : `<${name}${written}>${content}</${name}>`;
}

export function text(
  x: number,
  y: number,
  content: string,
  attributes: Readonly<Record<string, string | number>> = {},
): string {
  return element('text', { x, y, ...attributes }, escaped(content));
}

/** A whole SVG file on a white ground, for it is shown on pages of any colour. */
export function document(width: number, height: number, title: string, parts: readonly string[]): string {
  const open =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ` +
    'font-family="system-ui, sans-serif" font-size="12" role="img">';
  const ground = element('rect', { width, height, fill: '#ffffff' });
  return [open, `<title>${escaped(title)}</title>`, ground, ...parts, '</svg>', ''].join('\n');
}

function rounded(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** What XML cannot hold, whatever is written for it (its production `Char`), is told by a mark. */
function escaped(value: string): string {
  return value
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}
