import { z } from 'zod';
import type { IdentifyEvent } from '../tracker/events.js';
import { annotationError } from './annotation-lines.js';

const sample = z.number().min(0);
const turn = {
  turn: z.number(),
  revision: z.number(),
  startSample: sample,
  endSample: sample,
  atSample: sample,
  speaker: z.string().min(1),
  known: z.boolean(),
  score: z.number(),
  probability: z.number().min(0).max(1),
};
const stretch = z.object({ startSample: sample, endSample: sample });
const overlap = { overlap: z.boolean().default(false), others: z.array(z.string()).default([]) };
const overlapStretch = stretch.extend({ other: z.string().nullable() });

/** What an evaluation reads of the events; other fields are left alone, other types passed over. */
const SCHEMAS = {
  tentative: z.object({ type: z.literal('tentative'), ...turn, ...overlap }),
  final: z
    .object({
      type: z.literal('final'),
      ...turn,
      ...overlap,
      speech: z.array(stretch).min(1).optional(),
      overlaps: z.array(overlapStretch).optional(),
    })
    .transform(({ speech, overlaps, ...final }) => {
      const { startSample, endSample, overlap, others } = final;
      const heard = speech ?? [{ startSample, endSample }];
      // An older file says that two are heard, and perhaps who, but not where.
      const second = others.length > 0 ? others : overlap ? [null] : [];
      const beside = second.flatMap((other) => heard.map((stretch) => ({ ...stretch, other })));
      return { ...final, speech: heard, overlaps: overlaps ?? beside };
    }),
  correction: z.object({ type: z.literal('correction'), ...turn, was: z.string() }),
  silence: z.object({ type: z.literal('silence'), startSample: sample, atSample: sample }),
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
