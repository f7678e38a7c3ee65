/** Signs without a column of their own: combining marks and joiners. */
const NONE = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
/** Signs of two columns: East Asian scripts, their full-width forms, and pictures. */
const WIDE =
  /^(?:[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}]|[\u3000-\u303e\uff01-\uff60\uffe0-\uffe6])$/u;

/** Columns that a text without escape sequences takes on a terminal. */
export function displayWidth(text: string): number {
  return Array.from(text).reduce((sum, sign) => sum + widthOf(sign), 0);
}

/** The beginning of a text, in at most so many columns. */
export function fitted(text: string, columns: number): string {
  let width = 0;
  let kept = '';
  for (const sign of text) {
    width += widthOf(sign);
    if (width > columns) break;
    kept += sign;
  }
  return kept;
}

function widthOf(sign: string): number {
  if (NONE.test(sign)) return 0;
  return WIDE.test(sign) ? 2 : 1;
}
