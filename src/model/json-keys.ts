/**
 * Find a key that stands twice in one object of a JSON text, which `JSON.parse` would take in silence.
 * The text must already be known to be JSON.
 */
export function findDuplicateKey(json: string): string | undefined {
  // One entry per open bracket: the keys met so far, or undefined for an array.
  const open: (Set<string> | undefined)[] = [];
  const token = /"(?:[^"\\]|\\.)*"|[{}[\],]/g;
  let expectKey = false;
  for (let match = token.exec(json); match; match = token.exec(json)) {
    const text = match[0];
    if (text === '{') {
      open.push(new Set());
      expectKey = true;
    } else if (text === '[') {
      open.push(undefined);
      expectKey = false;
    } else if (text === '}' || text === ']') {
      open.pop();
      expectKey = false;
    } else if (text === ',') {
      expectKey = open.at(-1) !== undefined;
    } else if (expectKey) {
      const key = JSON.parse(text) as string;
      const keys = open.at(-1)!;
      if (keys.has(key)) return key;
      keys.add(key);
      expectKey = false;
    }
  }
  return undefined;
}
