import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import { nameKey } from '../speakers/speaker-name.js';
import type { Principal } from './access/principal.js';

/** A change of a group's speakers. `speaker` is the name that the voice had before, or has been given. */
export type SpeakerChange =
  | {
      readonly action: 'enrolled' | 'extended' | 'replaced' | 'removed' | 'restored' | 'erased';
      readonly speaker: string;
    }
  | { readonly action: 'renamed'; readonly speaker: string; readonly newName: string }
  | { readonly action: 'learnt' | 'named'; readonly speaker: string };

/** Tells the operator who changed which speaker: a line of the log for each change, once it is on disk. */
export type Audit = (who: Principal, change: SpeakerChange) => void;

/**
 * Stands for a voice in the log, which tells nobody's name: the first 16 hex digits of the SHA-256 of `GROUP/name`, the name
 * in lower case. Who knows the name finds its lines.
 */
export function voiceId(group: string, name: string): string {
  return createHash('sha256')
    .update(`${group}/${nameKey(name)}`)
    .digest('hex')
    .slice(0, 16);
}

/** @param withNames whether the lines have the names too */
export function auditLog(logger: Logger, withNames: boolean): Audit {
  return ({ tokenId: token, group }, change) => {
    const { action, speaker } = change;
    const newName = change.action === 'renamed' ? change.newName : undefined;
    logger.info(
      {
        audit: action,
        token,
        group,
        voice: voiceId(group, speaker),
        ...(newName === undefined ? {} : { newVoice: voiceId(group, newName) }),
        ...(withNames ? { speaker, newName } : {}),
      },
      `a speaker was ${action}`,
    );
  };
}
