import { lastValueFrom, toArray } from 'rxjs';
import { Convolver } from '../acoustics/convolve.js';
import { Random } from '../acoustics/random.js';
import { impulseResponse, randomPlace, randomRoom } from '../acoustics/room.js';
import { embeddedWindows } from '../native/embedded-windows.js';
import type { WindowEmbedder } from '../native/operator.js';
import type { EmbeddedWindow } from '../native/types.js';
import { fromSamples } from '../stream/source.js';

/** Where a voice may be heard that was enrolled near a microphone in a quiet place. */
interface Place {
  /** A room is drawn from this seed; null: none. */
  readonly room: number | null;
  /** Level of the speech above white noise, dB. */
  readonly snrDb: number;
}

const PLACES: readonly Place[] = [
  { room: 1, snrDb: 40 },
  { room: null, snrDb: 15 },
  { room: 2, snrDb: 12 },
];
const T60_SECONDS = [0.3, 0.5] as const;

/** Of a room, made once: it takes some tens of milliseconds. */
const echoes = new Map<number, Convolver>();

/**
 * The windows of a voice as it would be heard in a room, in noise and in both, a list for each: a profile made of them too
 * lies nearer to what the voice sounds like there, and no nearer to other voices. The same recording gives the same windows.
 *
 * @param samples mono 16 kHz. @param speechPower mean square of its speech.
 */
export async function heardElsewhere(
  model: WindowEmbedder,
  samples: Float32Array,
  speechPower: number,
): Promise<EmbeddedWindow[][]> {
  const lists: EmbeddedWindow[][] = [];
  for (const place of PLACES) {
    const sound = carried(samples, speechPower, place);
    lists.push(await lastValueFrom(embeddedWindows(fromSamples(sound), model).pipe(toArray())));
  }
  return lists;
}

/** What a microphone at that place hears; as long, and as loud, as what was said. */
function carried(samples: Float32Array, speechPower: number, { room, snrDb }: Place): Float32Array {
  const wet = room === null ? samples : echoOf(room).apply(samples).subarray(0, samples.length);
  const gain = room === null ? 1 : Math.sqrt(power(samples) / Math.max(power(wet), Number.MIN_VALUE));
  const floor = Math.sqrt(speechPower) * 10 ** (-snrDb / 20);
  const random = new Random(samples.length);
  return wet.map((x) => gain * x + floor * random.normal());
}

function echoOf(seed: number): Convolver {
  let echo = echoes.get(seed);
  if (echo === undefined) {
    const random = new Random(seed);
    const room = randomRoom(random, T60_SECONDS);
    echoes.set(seed, (echo = new Convolver(impulseResponse(room, randomPlace(random, room)))));
  }
  return echo;
}

function power(samples: Float32Array): number {
  return samples.reduce((sum, x) => sum + x * x, 0) / samples.length;
}
