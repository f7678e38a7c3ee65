import { WhospeaksError } from '../../errors.js';
import type {
  NameReply,
  RemovedListReply,
  SessionListReply,
  SpeakerListReply,
} from '../../protocol/index.js';
import type { Session } from '../session/session.js';
import type { Audit } from '../audit.js';
import type { HearingTurns } from '../hearing-turns.js';
import { infoOf } from '../../protocol/speaker-info.js';
import type { SpeakerGroup } from '../speakers/speaker-group.js';
import { readJson, readRecordings } from './body.js';
import type { Exchange, Reply } from './exchange.js';
import {
  assignRequestSchema,
  EXISTING,
  nameRequestSchema,
  renameSchema,
  wordsRequestSchema,
  type TokenHandlers,
} from './operations.js';
import type { ComparisonHandlers } from './comparison-handlers.js';
import type { RecordingHandlers } from './recording-handlers.js';
import { recordingSources } from './recordings.js';

export interface SpeakerHandlersParts {
  readonly group: (name: string) => SpeakerGroup;
  readonly sessions: {
    ofGroup(group: string): Session[];
    find(group: string, id: string): Session | undefined;
  };
  readonly audit: Audit;
  readonly hearing: HearingTurns;
  readonly maxUploadBytes: number;
  readonly maxEnrollSeconds: number;
  /** Aborted when the service closes: enrolments that still run end. */
  readonly closing: AbortSignal;
}

/** What is answered about speakers and sessions. */
export type SpeakerHandlers = Omit<
  TokenHandlers,
  'issueTicket' | 'readMetrics' | 'listCalls' | keyof RecordingHandlers | keyof ComparisonHandlers
>;

export function speakerHandlers(parts: SpeakerHandlersParts): SpeakerHandlers {
  const groupOf = ({ principal }: Exchange): SpeakerGroup => parts.group(principal.group);
  const enrol = (exchange: Exchange): Promise<Reply> => {
    const group = groupOf(exchange);
    return parts.hearing.take(group.name, async (inTurn) => {
      const { request, query, principal } = exchange;
      const name = exchange.parts[0]!;
      const mustBeNew = request.headers['if-none-match'] === '*';
      const dryRun = flagIn(query, 'dryRun');
      const existing = mustBeNew ? 'refuse' : choiceIn(query, 'existing', EXISTING);
      // Before the recording is sent and heard.
      if (mustBeNew || !dryRun) await group.assertMayEnrol(name, existing);
      const recordings = await readRecordings(request, parts.maxUploadBytes);
      const sources = recordingSources(recordings, parts.maxEnrollSeconds, parts.closing);
      const enrolment = { name, sources, dryRun, existing, by: principal.tokenId };
      const reply = await inTurn(() => group.enrol(enrolment));
      const { saved, replaced, appended, speaker } = reply;
      if (saved)
        parts.audit(principal, {
          action: replaced ? 'replaced' : appended ? 'extended' : 'enrolled',
          speaker: speaker.name,
        });
      return { status: replaced || appended || dryRun ? 200 : 201, body: reply };
    });
  };

  const sessionOf = ({ principal, parts: [id] }: Exchange): Session => {
    const session = parts.sessions.find(principal.group, id!);
    if (session !== undefined && !session.isOver) return session;
    throw new WhospeaksError('session-unknown', 'there is no such stream in this group');
  };

  const nameVoice = async (exchange: Exchange): Promise<Reply> => {
    const { save, ...command } = await readJson(exchange.request, nameRequestSchema);
    const session = sessionOf(exchange);
    const { event, saved, profile } = await session.name({ type: 'name', ...command }, save);
    const { label, how } = event;
    const reply: NameReply = { label, how, saved, ...(profile && { speaker: infoOf(profile, true) }) };
    return { status: 200, body: reply };
  };

  return {
    listSpeakers: (exchange) => {
      const group = groupOf(exchange);
      const reply: SpeakerListReply = { group: group.name, ...group.list() };
      return { status: 200, body: reply };
    },
    getSpeaker: (exchange) => ({ status: 200, body: groupOf(exchange).get(exchange.parts[0]!) }),
    enrolSpeaker: enrol,
    renameSpeaker: async (exchange) => {
      const { name } = await readJson(exchange.request, renameSchema);
      const speaker = exchange.parts[0]!;
      const body = await groupOf(exchange).rename(speaker, name, exchange.principal.tokenId);
      parts.audit(exchange.principal, { action: 'renamed', speaker, newName: body.name });
      return { status: 200, body };
    },
    removeSpeaker: async (exchange) => {
      const speaker = exchange.parts[0]!;
      const erase = flagIn(exchange.query, 'erase') || undefined;
      await groupOf(exchange).remove(speaker, { erase, by: exchange.principal.tokenId });
      parts.audit(exchange.principal, { action: erase ? 'erased' : 'removed', speaker });
      return { status: 204 };
    },
    listRemoved: async (exchange) => {
      const reply: RemovedListReply = { removed: await groupOf(exchange).removed() };
      return { status: 200, body: reply };
    },
    restoreSpeaker: async (exchange) => {
      const body = await groupOf(exchange).restore(exchange.parts[0]!, exchange.principal.tokenId);
      parts.audit(exchange.principal, { action: 'restored', speaker: body.name });
      return { status: 200, body };
    },
    listSessions: ({ principal }) => {
      const sessions = parts.sessions
        .ofGroup(principal.group)
        .filter(({ isOver }) => !isOver)
        .map(({ id, live, isConnected, receivedSeconds, behindSeconds }) => ({
          session: id,
          live,
          connected: isConnected,
          receivedSeconds,
          behindSeconds,
        }));
      const reply: SessionListReply = { sessions };
      return { status: 200, body: reply };
    },
    nameVoice,
    assignTurn: async (exchange) => {
      const { speaker } = await readJson(exchange.request, assignRequestSchema);
      await sessionOf(exchange).assign({ type: 'assign', turn: turnIn(exchange.parts[1]!), speaker });
      return { status: 204 };
    },
    tellWords: async (exchange) => {
      const words = await readJson(exchange.request, wordsRequestSchema);
      sessionOf(exchange).addWords(words);
      return { status: 204 };
    },
  };
}

/** @throws {WhospeaksError} `turn-not-found` */
function turnIn(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new WhospeaksError(
    'turn-not-found',
    `there is no turn "${text.slice(0, 20)}"; events have its number`,
  );
}

/** Rejects what is neither: a dry run that is not one would overwrite a voice. */
function flagIn(query: URLSearchParams, name: string): boolean {
  const value = query.get(name) ?? 'false';
  if (value === 'true' || value === 'false') return value === 'true';
  throw new WhospeaksError('invalid-option', `${name}: expected true or false, received "${value}"`);
}

function choiceIn<Choice extends string>(
  query: URLSearchParams,
  name: string,
  choices: readonly [Choice, ...Choice[]],
): Choice {
  const value = query.get(name) ?? choices[0];
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  throw new WhospeaksError(
    'invalid-option',
    `${name}: expected ${choices.join(', ')}, received "${value.slice(0, 40)}"`,
  );
}
