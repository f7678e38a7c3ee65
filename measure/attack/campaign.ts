import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ERROR_CODES, type ErrorCode } from '../../src/errors.js';
import { tally, type Row } from './row.js';
import { WatchedChild, type Limits, type Outcome } from './watched-child.js';

/** Here lies what could not be dealt with, to be tried again by hand. Not in git. */
export const REPRODUCERS = fileURLToPath(new URL('../../build-attack', import.meta.url));
/** Children at a time. */
const LANES = 2;
const TRIES = 4;
/** So many faults of a kind are enough; each hang takes seconds. */
const MOST_FAULTS = 25;

export interface Campaign {
  readonly what: string;
  readonly count: number;
  readonly program: string;
  readonly args: readonly string[];
  readonly limits: Limits;
  readonly job: (index: number) => unknown;
  /** What a job was given, to be kept where it was not dealt with. */
  readonly reproducer?: (index: number) => { readonly name: string; readonly bytes: Uint8Array };
}

/** Do jobs 0 to `count` - 1 in watched children; what was not dealt with is counted, told and kept. */
export async function runCampaign(campaign: Campaign): Promise<Row> {
  const { what, count, job } = campaign;
  const results: string[] = [];
  const faults: string[] = [];
  let next = 0;
  let peakMiB = 0;
  const lane = async (): Promise<void> => {
    const child = new WatchedChild(campaign.program, campaign.args, campaign.limits);
    while (next < count && faults.length < MOST_FAULTS) {
      const index = next++;
      let outcome = await child.run(job(index));
      // A machine that is busy with other things is no hang: it is one where it hangs each time.
      for (let tries = 1; outcome.kind === 'hang' && tries < TRIES; tries++)
        outcome = await child.run(job(index));
      if (outcome.kind === 'reply') peakMiB = Math.max(peakMiB, outcome.peakMiB);
      const fault = faultOf(outcome);
      if (fault === null) results.push(answerOf((outcome as { result: string }).result));
      else {
        faults.push(fault);
        keep(campaign, index, outcome);
      }
    }
    child.close();
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  const found = faults.length === 0 ? '' : `**${tally(faults)}**; `;
  return {
    what,
    tried: results.length + faults.length,
    result: `${found}${tally(results)}; ${peakMiB.toFixed(0)} MiB`,
    holds: faults.length === 0,
  };
}

/** A refusal counts as one, whatever its code. */
function answerOf(result: string): string {
  return ERROR_CODES.includes(result as ErrorCode) ? 'refused' : result;
}

function faultOf(outcome: Outcome): string | null {
  if (outcome.kind !== 'reply') return outcome.kind;
  return outcome.faults.length === 0 ? null : outcome.faults[0]!.split(':', 1)[0]!;
}

function keep({ what, reproducer }: Campaign, index: number, outcome: Outcome): void {
  const how = outcome.kind === 'reply' ? outcome.faults.join('; ') : `${outcome.kind}: ${outcome.what}`;
  let where = '';
  if (reproducer !== undefined) {
    const { name, bytes } = reproducer(index);
    mkdirSync(REPRODUCERS, { recursive: true });
    where = join(REPRODUCERS, name);
    writeFileSync(where, bytes);
  }
  process.stderr.write(`${what}, ${index}: ${how} ${where}\n`);
}
