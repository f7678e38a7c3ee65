import type { PieceStream } from '../../fleet/recordings/piece-stream.js';
import {
  keyOf,
  RecordingChanged,
  type FoundRecording,
  type RecordingBoard,
} from '../../fleet/recordings/recording-board.js';
import type { RecordingRecord } from '../../fleet/recordings/recording-record.js';
import { FLEET_SETTINGS } from '../../fleet/settings.js';
import { byAge } from './fair-order.js';
import { isUnderWay, MAX_KEPT } from './recordings.js';

/** Clocks of servers may differ by so much: by a date alone nothing is deleted sooner. */
const SKEW_MS = 60_000;

/** Since when this server knows a revision, ms on its own clock. */
export interface LastSeen {
  readonly revision: number;
  readonly atMs: number;
}

export interface SweepParts {
  readonly board: RecordingBoard;
  readonly pieces: PieceStream;
  readonly keepSeconds: number;
  readonly nowMs: () => number;
  readonly lostMs?: number | undefined;
  /** Whether this server hears it. */
  readonly isOwn: (key: string) => boolean;
  readonly onLost: (record: RecordingRecord) => void;
}

/**
 * What is to be done for recordings whose server was lost, and for results whose time is over. Every server does it: who comes
 * second finds it done.
 */
export async function sweepFleet(
  parts: SweepParts,
  found: readonly FoundRecording[],
  seen: ReadonlyMap<string, LastSeen>,
): Promise<void> {
  const sinceMs = (key: string): number => parts.nowMs() - (seen.get(key)?.atMs ?? parts.nowMs());
  for (const each of found) {
    const key = keyOf(each.record);
    if (parts.isOwn(key)) continue;
    try {
      if (isOver(parts, each.record, sinceMs(key))) await remove(parts, each);
      else if (sinceMs(key) > (parts.lostMs ?? FLEET_SETTINGS.lostMs)) await mend(parts, each);
    } catch (error) {
      if (!(error instanceof RecordingChanged)) throw error;
    }
  }
  await bound(parts, found);
}

function isOver({ keepSeconds }: SweepParts, record: RecordingRecord, sinceMs: number): boolean {
  if (isUnderWay(record) || record.expiresAt === null) return false;
  // Seen all along it goes in time; whoever came later has only the date.
  return sinceMs > 1000 * keepSeconds || Date.now() > Date.parse(record.expiresAt) + SKEW_MS;
}

async function remove({ board, pieces }: SweepParts, { record, revision }: FoundRecording): Promise<void> {
  await board.remove(record, revision);
  await pieces.remove(`${keyOf(record)}.>`);
}

/** Nothing was heard of it for too long. */
async function mend(parts: SweepParts, found: FoundRecording): Promise<void> {
  const { board, pieces, keepSeconds, onLost } = parts;
  const { record, revision } = found;
  const key = keyOf(record);
  const fail = (error: NonNullable<RecordingRecord['error']>): Partial<RecordingRecord> => ({
    state: 'failed',
    error,
    expiresAt: new Date(Date.now() + 1000 * keepSeconds).toISOString(),
  });
  const put = (change: Partial<RecordingRecord>): Promise<number> =>
    board.put({ ...record, owner: '', ...change }, revision);
  if (!isUnderWay(record)) {
    if (record.sound === null && record.transcript === null) return;
    await pieces.remove(`${key}.sound`);
    await pieces.remove(`${key}.transcript`);
    await put({ sound: null, transcript: null });
  } else if (record.state === 'receiving') {
    await remove(parts, found);
  } else if (record.state === 'fetching') {
    await put(
      fail({ code: 'server-lost', message: 'the server that fetched the recording was lost; send it again' }),
    );
  } else if (record.state === 'running') {
    const lost = record.lost + 1;
    const isHarmful = lost >= FLEET_SETTINGS.mostLost;
    const message = `${lost} servers were lost while they heard the recording; send it in parts`;
    await put(
      isHarmful
        ? { ...fail({ code: 'server-lost', message }), lost }
        : { state: 'queued', progress: null, lost },
    );
    onLost(record);
  }
}

async function bound(parts: SweepParts, found: readonly FoundRecording[]): Promise<void> {
  const groups = new Map<string, FoundRecording[]>();
  for (const each of found) {
    if (isUnderWay(each.record)) continue;
    const group = groups.get(each.record.group);
    if (group === undefined) groups.set(each.record.group, [each]);
    else group.push(each);
  }
  for (const kept of groups.values()) {
    if (kept.length <= MAX_KEPT) continue;
    kept.sort((a, b) => byAge(a.record, b.record));
    for (const each of kept.slice(0, kept.length - MAX_KEPT)) {
      await remove(parts, each).catch((error: unknown) => {
        if (!(error instanceof RecordingChanged)) throw error;
      });
    }
  }
}
