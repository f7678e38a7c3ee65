/**
 * The documents of a text: one, a list of them, or several one after the other, as streaming recognisers print them.
 * Undefined where it is no JSON.
 */
export function jsonDocuments(text: string): readonly unknown[] | undefined {
  const trimmed = text.replace(/^\uFEFF/, '').trim();
  const whole = parsed(trimmed);
  if (whole !== undefined) return Array.isArray(whole) ? (whole as unknown[]) : [whole];
  const documents: unknown[] = [];
  for (let at = 0; at < trimmed.length;) {
    const end = endOfObject(trimmed, at);
    const document = end === undefined ? undefined : parsed(trimmed.slice(at, end));
    if (end === undefined || document === undefined) return undefined;
    documents.push(document);
    at = end;
    while (at < trimmed.length && /[\s,]/.test(trimmed[at]!)) at++;
  }
  return documents.length > 0 ? documents : undefined;
}

/** Undefined where it is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Behind the brace that closes the object which begins there. */
function endOfObject(text: string, from: number): number | undefined {
  if (text[from] !== '{') return undefined;
  let depth = 0;
  let isText = false;
  for (let at = from; at < text.length; at++) {
    const sign = text[at];
    if (isText) {
      if (sign === '\\') at++;
      else if (sign === '"') isText = false;
    } else if (sign === '"') isText = true;
    else if (sign === '{') depth++;
    else if (sign === '}' && --depth === 0) return at + 1;
  }
  return undefined;
}
