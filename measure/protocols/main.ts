/**
 * Evaluation protocols that others have published (docs/public-protocols.md):
 *
 *   npm run accuracy -- --protocol NAME DIR [options]
 *
 * picovoice DIR [--references RTTMS]      one enrolled speaker in a stream: picovoice.ts
 * linto DIR --speakers DIR2 [--references RTTMS]   identification error by who is enrolled: linto.ts
 * open-set DIR [--audio DIR2] [--sizes N,N]      a watchlist against strangers: open-set.ts
 *
 * All: [--model NAME] [--cache DIR] [--every N]
 */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadModel } from 'whospeaks';
import { Cache } from '../accuracy/embed.js';
import type { Hearing } from './hearing.js';
import { linto } from './linto.js';
import { openSet } from './open-set.js';
import { picovoice } from './picovoice.js';

/** What a protocol is given. */
export interface ProtocolInput {
  readonly folder: string;
  readonly hearing: Hearing;
  readonly options: Readonly<
    Partial<Record<'references' | 'microphone' | 'speakers' | 'audio' | 'sizes', string>>
  > & {
    /** Only every n-th recording: to see that all runs, not for figures. */
    readonly every: number;
  };
}

/** Returns the table that its authors print. */
type Protocol = (input: ProtocolInput) => Promise<string>;

const PROTOCOLS: Readonly<Record<string, Protocol>> = { picovoice, linto, 'open-set': openSet };

export async function main(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      protocol: { type: 'string' },
      references: { type: 'string' },
      microphone: { type: 'string' },
      speakers: { type: 'string' },
      audio: { type: 'string' },
      sizes: { type: 'string' },
      model: { type: 'string' },
      cache: { type: 'string', default: join(tmpdir(), 'whospeaks-accuracy') },
      every: { type: 'string', default: '1' },
    },
  });
  const protocol = PROTOCOLS[values.protocol ?? ''];
  if (protocol === undefined)
    throw new Error(`--protocol ${values.protocol}: expected one of ${Object.keys(PROTOCOLS).join(', ')}`);
  const [folder] = positionals;
  if (folder === undefined) throw new Error(`--protocol ${values.protocol}: name the folder of its data`);
  const model = await loadModel(values.model);
  try {
    const hearing = { model, cache: new Cache(values.cache) };
    const options = { ...values, every: Number(values.every) };
    console.log(await protocol({ folder, hearing, options }));
  } finally {
    model.close();
  }
}
