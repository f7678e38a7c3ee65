/** Signs that stand for a word, or for a part of one, without blanks between words. */
const UNSPACED = '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}';
const ONE_WORD = new RegExp(`[${UNSPACED}]\\p{P}*|[^\\s${UNSPACED}]+`, 'gu');
const BEGINS_UNSPACED = new RegExp(`^[${UNSPACED}]`, 'u');
const ENDS_UNSPACED = new RegExp(`[${UNSPACED}\\u3001\\u3002\\uff0c]$`, 'u');

/** The words of a text, with their punctuation; of Chinese and Japanese a sign each. */
export function wordsIn(text: string): string[] {
  return text.match(ONE_WORD) ?? [];
}

/** Whether a sign of a script without blanks begins the text, which is then a word of its own. */
export function beginsUnspaced(text: string): boolean {
  return BEGINS_UNSPACED.test(text);
}

/** Words as a text, with blanks where the script has them. */
export function joinWords(texts: readonly string[]): string {
  let line = '';
  let before: string | undefined;
  for (const each of texts) {
    const text = each.replace(/\s+/g, ' ');
    const isClose = before === undefined || (ENDS_UNSPACED.test(before) && beginsUnspaced(text));
    line += isClose ? text : ` ${text}`;
    before = text;
  }
  return line;
}
