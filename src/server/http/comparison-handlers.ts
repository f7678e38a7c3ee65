import { WhospeaksError } from '../../errors.js';
import { parseOptions } from '../../options.js';
import type { IdentifyReply, VerifyReply } from '../../protocol/index.js';
import { findSpeakers } from '../../scoring/find-speakers.js';
import { verify } from '../../scoring/verify.js';
import type { EnrollModel } from '../../speakers/enroll.js';
import type { HearingTurns } from '../hearing-turns.js';
import type { SpeakerGroup } from '../speakers/speaker-group.js';
import { readRecordings } from './body.js';
import { identifyQuery, verifyQuery, type TokenHandlers } from './operations.js';
import { recordingSources } from './recordings.js';

export interface ComparisonHandlersParts {
  readonly model: EnrollModel;
  readonly group: (name: string) => SpeakerGroup;
  readonly hearing: HearingTurns;
  readonly maxUploadBytes: number;
  readonly maxEnrollSeconds: number;
  /** Aborted when the service closes. */
  readonly closing: AbortSignal;
}

/** What is answered about voices that are compared, and kept nowhere. */
export type ComparisonHandlers = Pick<TokenHandlers, 'verifyVoices' | 'identifyVoice'>;

export function comparisonHandlers(parts: ComparisonHandlersParts): ComparisonHandlers {
  const { model, hearing, maxUploadBytes, maxEnrollSeconds, closing } = parts;
  return {
    verifyVoices: ({ request, query, principal }) =>
      hearing.take(principal.group, async (inTurn) => {
        const { speaker, ...options } = parseOptions('query', verifyQuery, Object.fromEntries(query));
        const enrolled = speaker === undefined ? [] : [parts.group(principal.group).profile(speaker)];
        const recordings = await readRecordings(request, maxUploadBytes);
        if (recordings.length + enrolled.length !== 2) {
          throw new WhospeaksError(
            'invalid-option',
            `expected two recordings in a form, or one and a speaker; received ${recordings.length} recordings`,
          );
        }
        const [a, b] = [...enrolled, ...recordingSources(recordings, maxEnrollSeconds, closing)];
        const body: VerifyReply = await inTurn(() => verify(model, a!, b!, options));
        return { status: 200, body };
      }),
    identifyVoice: ({ request, query, principal }) =>
      hearing.take(principal.group, async (inTurn) => {
        const options = parseOptions('query', identifyQuery, Object.fromEntries(query));
        const recordings = await readRecordings(request, maxUploadBytes);
        if (recordings.length !== 1) {
          throw new WhospeaksError('invalid-option', `expected one recording; received ${recordings.length}`);
        }
        const [recording] = recordingSources(recordings, maxEnrollSeconds, closing);
        const { catalogue } = parts.group(principal.group);
        const body: IdentifyReply = await inTurn(() => findSpeakers(model, recording!, catalogue, options));
        return { status: 200, body };
      }),
  };
}
