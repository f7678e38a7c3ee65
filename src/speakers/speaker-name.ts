import { WhospeaksError } from '../errors.js';

const MAX_CHARACTERS = 64;
/** Labels that the tracker and the RTTM files give a meaning of their own. */
const RESERVED = /^(unknown|unknown-\d+|silence)$/;
/** Parts of a path that a URL has not got any more when it is parsed: this folder and the one above, also escaped. */
const DOT_SEGMENT = /^(\.|%2e){1,2}$/i;

/**
 * A speaker's name as it is stored and compared: NFC, no blanks at either end.
 * @throws {WhospeaksError} `speaker-name` where it is empty, longer than 64 characters, reserved, or has
 * characters that do not print or that would make it a path, in a URL too.
 */
export function speakerName(raw: string): string {
  const name = storedName(raw);
  if (!DOT_SEGMENT.test(name)) return name;
  throw refused(raw, 'stands for a folder in a URL; add a letter to it');
}

/** As `speakerName`, of a speaker that is stored already: an earlier version took some names more. */
export function storedName(raw: string): string {
  const name = raw.normalize('NFC').trim();
  const fault = faultOf(name);
  if (fault === undefined) return name;
  throw refused(raw, fault);
}

/** Two names with one key are the same speaker: case does not distinguish them. */
export function nameKey(name: string): string {
  return name.normalize('NFC').trim().toLowerCase().normalize('NFC');
}

function faultOf(name: string): string | undefined {
  if (name === '') return 'is empty; give 1 to 64 characters';
  const characters = Array.from(name).length;
  if (characters > MAX_CHARACTERS) return `has ${characters} characters; give at most ${MAX_CHARACTERS}`;
  // Control characters, line breaks, lone surrogates, and format characters (bidirectional overrides among
  // them) but for the two joiners, which Persian and Indic names are spelt with.
  if (/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]|(?![\u200c\u200d])\p{Cf}/u.test(name))
    return 'has characters that do not print; remove them';
  if (!/[\p{L}\p{N}\p{S}\p{P}]/u.test(name)) return 'has nothing that prints; give a name';
  if (/[/\\]/.test(name)) return 'has a slash; use another character';
  if (RESERVED.test(nameKey(name))) return "is reserved for the tracker's own labels; choose another";
  return undefined;
}

function refused(raw: string, fault: string): WhospeaksError {
  return new WhospeaksError('speaker-name', `speaker name ${JSON.stringify(shorten(raw))} ${fault}`);
}

function shorten(raw: string): string {
  const characters = Array.from(raw);
  return characters.length > 80 ? `${characters.slice(0, 77).join('')}...` : raw;
}
