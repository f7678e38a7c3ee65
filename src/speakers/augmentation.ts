import { Convolver } from '../acoustics/convolve.js';
import { gainOf, meanPower } from '../acoustics/power.js';
import { Random } from '../acoustics/random.js';
import { impulseResponse, randomPlace, randomRoom } from '../acoustics/room.js';
import type { WindowEmbedder } from '../native/operator.js';
import { recordingFeatures } from '../native/recording.js';
import { SAMPLE_RATE_HZ } from '../stream/types.js';
import type { Piece } from './kept-speech.js';

/** Where a voice may be heard that was enrolled near a microphone in a quiet place. */
interface Place {
  /** The noise is drawn from this seed, and the room, if there is one. */
  readonly seed: number;
  readonly inRoom: boolean;
  /** Level of the speech above white noise, dB. */
  readonly snrDb: number;
}

const PLACES: readonly Place[] = [
  { seed: 1, inRoom: true, snrDb: 40 },
  { seed: 2, inRoom: false, snrDb: 15 },
  { seed: 3, inRoom: true, snrDb: 12 },
];
const T60_SECONDS = [0.38, 0.62] as const;
/** Pieces that wait for the network together. */
const TOGETHER = 8;
/** Noise that is made of a place; pieces begin at different times in it. */
const NOISE_SAMPLES = 10 * SAMPLE_RATE_HZ;
/** A prime, so that they begin everywhere. */
const NOISE_STEP_SAMPLES = 7919;

/**
 * The embeddings of pieces of a voice as they would be heard in a room, in noise and in both, a list for each place: a profile
 * made of them too lies nearer to what the voice sounds like there, and no nearer to other voices. Rooms and noise are
 * always the same.
 *
 * @param speechPower mean square of the speech.
 */
export async function heardElsewhere(
  model: WindowEmbedder,
  pieces: readonly Piece[],
  speechPower: number,
): Promise<Float32Array[][]> {
  const lists: Float32Array[][] = [];
  for (const place of PLACES) {
    const sound = soundOf(place);
    const floor = Math.sqrt(speechPower) * gainOf(-place.snrDb);
    const hear = async (piece: Piece, position: number): Promise<Float32Array> => {
      const samples = carried(piece, position, sound, floor);
      const { features, frames } = await recordingFeatures(samples, SAMPLE_RATE_HZ, 1);
      return (await model.embedWindow({ ...piece.window, features, frames, samples })).embedding;
    };
    const list: Float32Array[] = [];
    for (let at = 0; at < pieces.length; at += TOGETHER) {
      const some = pieces.slice(at, at + TOGETHER);
      list.push(...(await Promise.all(some.map((piece, i) => hear(piece, at + i)))));
    }
    lists.push(list);
  }
  return lists;
}

/** What a microphone there hears of a piece after its lead; as loud as what was said. */
function carried(
  { samples, leadSamples }: Piece,
  position: number,
  { echo, noise }: Sound,
  floor: number,
): Float32Array {
  const dry = samples.subarray(leadSamples);
  const wet = echo === null ? dry : echo.apply(samples).subarray(leadSamples, samples.length);
  const gain = echo === null ? 1 : Math.sqrt(meanPower(dry) / Math.max(meanPower(wet), Number.MIN_VALUE));
  const heard = new Float32Array(wet.length);
  let at = (position * NOISE_STEP_SAMPLES) % noise.length;
  for (let i = 0; i < heard.length; i++) {
    heard[i] = gain * wet[i]! + floor * noise[at]!;
    if (++at === noise.length) at = 0;
  }
  return heard;
}

/** What a place does to a voice. */
interface Sound {
  readonly echo: Convolver | null;
  readonly noise: Float32Array;
}

/** Made once: it takes some tens of milliseconds. */
const sounds = new Map<Place, Sound>();

function soundOf(place: Place): Sound {
  let sound = sounds.get(place);
  if (sound === undefined) {
    const random = new Random(place.seed);
    const room = place.inRoom ? randomRoom(random, T60_SECONDS) : null;
    sound = {
      echo: room && new Convolver(impulseResponse(room, randomPlace(random, room))),
      noise: Float32Array.from({ length: NOISE_SAMPLES }, () => random.normal()),
    };
    sounds.set(place, sound);
  }
  return sound;
}
