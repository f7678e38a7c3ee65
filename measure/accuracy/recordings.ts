import { fromFile, readAll, type AudioSource, type EnrollModel, type Profile } from 'whospeaks';
import {
  hearVoice,
  profileOf,
  profileOfHeard,
  SAMPLE_RATE_HZ,
  type EmbeddedWindow,
  type HeardVoice,
} from 'whospeaks/stages';
import { simulate, type Conditions, type Turn } from 'whospeaks/evaluate';
import { noiseOf, utterancesOf, voicesOf, type Half, type Voice } from './cast.js';
import { SECONDS, T60_SECONDS, type ConversationSpec } from './conversations.js';
import { codeFingerprint, embedWindows, frontEndFingerprint, type Cache } from './embed.js';

/** A recording with its truth, embedded once, and the voices that are enrolled for it. */
export interface Recording {
  readonly id: string;
  readonly seconds: number;
  readonly turns: readonly Turn[];
  readonly windows: readonly EmbeddedWindow[];
  /** Its sound, 16 kHz. */
  readonly samples: () => Promise<Float32Array>;
  readonly enrolled: readonly Profile[];
  /** The same, of the recordings as they are. */
  readonly plain: readonly Profile[];
  /** As many other voices, none of whom speaks in it. */
  readonly absent: readonly Enrolled[];
  /** null: not simulated. */
  readonly spec: ConversationSpec | null;
}

/** A small generator of whole numbers, for who takes part: multiplicative congruential (Park and Miller 1988). */
function drawer(seed: number): (below: number) => number {
  let state = (seed % 2147483646) + 1;
  return (below) => {
    state = (state * 48271) % 2147483647;
    return state % below;
  };
}

/** Who takes part in a conversation: drawn without repeats, by its seed. */
export function castOf(
  spec: ConversationSpec,
  voices: readonly Voice[],
): Record<'enrolled' | 'strangers' | 'absent', Voice[]> {
  const draw = drawer(spec.seed);
  const left = [...voices];
  const take = (count: number): Voice[] =>
    Array.from({ length: Math.min(count, left.length) }, () => left.splice(draw(left.length), 1)[0]!);
  return { enrolled: take(spec.enrolled), strangers: take(spec.strangers), absent: take(spec.enrolled) };
}

export interface Studio {
  readonly half: Half;
  readonly audio: string;
  readonly cache: Cache;
  readonly model: EnrollModel;
  /** Of the weights and the front end. */
  readonly key: string;
  /** Default: those of `half` that `audio` holds. */
  readonly voices?: readonly Voice[];
}

/** `Studio.key`: by a voice and by noise, so that speech gates that differ in noise alone are told apart too. */
export async function studioKey(model: EnrollModel, audio: string): Promise<string> {
  const voice = await readAll(fromFile(voicesOf(audio, 'tune')[0]!.enrolment[0]!));
  return frontEndFingerprint(model, [voice, ...(await noiseOf(audio, 'tune'))]);
}

export interface Rendered {
  readonly samples: Float32Array;
  readonly turns: readonly Turn[];
  readonly conditions: Conditions;
}

/** What it is like where a conversation is held, for `simulate`; its room is the seed's. */
export function placeOf({ seed, snrDb, telephone, reverberant }: ConversationSpec) {
  return { seed, snrDb, telephone, ...(reverberant ? { t60Seconds: T60_SECONDS } : {}) };
}

/** The sound of a simulated conversation. */
export async function render(
  spec: ConversationSpec,
  voices: readonly Voice[],
  noise: readonly Float32Array[],
): Promise<Rendered> {
  const { enrolled, strangers } = castOf(spec, voices);
  const utterances = (await Promise.all([...enrolled, ...strangers].map(utterancesOf))).flat();
  return simulate({ utterances, noise, seconds: SECONDS, ...placeOf(spec) });
}

/** A voice's profile as `enroll` makes it, and of its recordings as they are. */
export interface Enrolled {
  readonly profile: Profile;
  readonly plain: Profile;
}

/** These, as a recording has them. */
export function enrolling(voices: readonly Enrolled[]): Pick<Recording, 'enrolled' | 'plain'> {
  return { enrolled: voices.map(({ profile }) => profile), plain: voices.map(({ plain }) => plain) };
}

/** The simulated conversations of one half. `progress` is told each one that had to be made. */
export async function simulatedRecordings(
  { half, audio, cache, model, key, voices = voicesOf(audio, half) }: Studio,
  specs: readonly ConversationSpec[],
  progress: (id: string) => void,
): Promise<Recording[]> {
  const code = codeFingerprint(['src/acoustics', 'src/evaluate/simulate', 'measure/accuracy/cast.ts']);
  const enrolmentCode = codeFingerprint(ENROLMENT_CODE);
  let noise: Float32Array[] | undefined;
  const profiles = new Map<string, Enrolled>();
  const enrolled = async ({ name, enrolment }: Voice): Promise<Enrolled> => {
    const before = profiles.get(name);
    if (before !== undefined) return before;
    const heard = await cache.get([key, code, enrolmentCode, enrolment], () =>
      hearAll(
        model,
        enrolment.map((file) => fromFile(file)),
      ),
    );
    const made = enrolledFrom(model, name, heard);
    profiles.set(name, made);
    return made;
  };
  const recordings: Recording[] = [];
  for (const spec of specs) {
    const cast = castOf(spec, voices);
    const files = [...cast.enrolled, ...cast.strangers].flatMap(({ utterances }) => utterances);
    const id = [code, spec, SECONDS, T60_SECONDS, files];
    const sound = (): Promise<{ pcm: Int16Array; turns: readonly Turn[] }> =>
      cache.get(['sound', ...id], async () => {
        noise ??= await noiseOf(audio, half);
        const rendered = await render(spec, voices, noise);
        return { pcm: toPcm(rendered.samples), turns: rendered.turns };
      });
    const made = await cache.get([key, ...id], async () => {
      progress(spec.id);
      const { pcm, turns } = await sound();
      const samples = fromPcm(pcm);
      return { turns, seconds: samples.length / SAMPLE_RATE_HZ, windows: await embedWindows(model, samples) };
    });
    const profilesOf = async (list: readonly Voice[]): Promise<Enrolled[]> => {
      const out: Enrolled[] = [];
      for (const voice of list) out.push(await enrolled(voice));
      return out;
    };
    recordings.push({
      id: spec.id,
      ...made,
      samples: async () => fromPcm((await sound()).pcm),
      ...enrolling(await profilesOf(cast.enrolled)),
      absent: await profilesOf(cast.absent),
      spec,
    });
  }
  return recordings;
}

/** 16 bits, as a wav file keeps it. (`from` with a function would take seconds here.) */
function toPcm(samples: Float32Array): Int16Array {
  const pcm = new Int16Array(samples.length);
  for (let i = 0; i < pcm.length; i++) {
    pcm[i] = Math.max(-32768, Math.min(32767, Math.round(samples[i]! * 32768)));
  }
  return pcm;
}

function fromPcm(pcm: Int16Array): Float32Array {
  const samples = new Float32Array(pcm.length);
  for (let i = 0; i < pcm.length; i++) samples[i] = pcm[i]! / 32768;
  return samples;
}

/** What a voice is enrolled from is made by these, beside the model and the front end. */
export const ENROLMENT_CODE = [
  'src/speakers/augmentation.ts',
  'src/speakers/hear-voice.ts',
  'src/speakers/kept-speech.ts',
];

type Heard = Pick<HeardVoice, 'windows' | 'elsewhere'>;

export function enrolledFrom(model: EnrollModel, name: string, heard: readonly Heard[]): Enrolled {
  const recordings = heard.map(({ windows }) => windows);
  return { profile: profileOfHeard(model, name, heard), plain: profileOf(model, name, recordings) };
}

export async function hearAll(model: EnrollModel, sources: readonly AudioSource[]): Promise<Heard[]> {
  const out: Heard[] = [];
  for (const source of sources) {
    const { windows, elsewhere } = await hearVoice(model, source);
    out.push({ windows, elsewhere });
  }
  return out;
}
