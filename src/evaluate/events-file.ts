import { z } from 'zod';
import { EVENT_SCHEMAS } from '../events/event-schemas.js';
import type { IdentifyEvent } from '../events/events.js';
import { annotationError } from './annotation-lines.js';

const { tentative, final, correction, silence } = EVENT_SCHEMAS;
/** What older files leave out. */
const beside = { overlap: z.boolean().default(false), others: tentative.shape.others.default([]) };

/** What an evaluation reads of the events; fields that are not known are dropped, other types passed over. */
const SCHEMAS = {
  tentative: tentative.extend(beside),
  final: final
    .extend({ ...beside, speech: final.shape.speech.optional(), overlaps: final.shape.overlaps.optional() })
    .transform(({ speech, overlaps, ...turn }) => {
      const { startSample, endSample, overlap, others } = turn;
      const heard = speech ?? [{ startSample, endSample }];
      // An older file says that two are heard, and perhaps who, but not where.
      const second = others.length > 0 ? others : overlap ? [null] : [];
      const both = second.flatMap((other) => heard.map((stretch) => ({ ...stretch, other })));
      return { ...turn, speech: heard, overlaps: overlaps ?? both };
    }),
  correction,
  silence,
} as const;

/**
 * The `tentative`, `final`, `correction` and `silence` events of a text of JSON lines, as `listen --json`
 * prints them. `source` names it in errors.
 * @throws WhospeaksError `annotation-format`, with the line number, at the first bad line
 */
export function readEvents(text: string, source = 'events'): IdentifyEvent[] {
  const events: IdentifyEvent[] = [];
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n/);
  lines.forEach((line, i) => {
    if (line.trim() === '') return;
    const value = parsed(line);
    const type = typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined;
    if (typeof type !== 'string') {
      throw annotationError(source, i + 1, 'not a JSON object with a "type"');
    }
    if (!Object.hasOwn(SCHEMAS, type)) return;
    const result = SCHEMAS[type as keyof typeof SCHEMAS].safeParse(value);
    if (!result.success) {
      const { path, message } = result.error.issues[0]!;
      throw annotationError(source, i + 1, `${type} event, "${path.join('.')}": ${message}`);
    }
    events.push(result.data);
  });
  return events;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
