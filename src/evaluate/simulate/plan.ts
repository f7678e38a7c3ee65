import type { Random } from '../../acoustics/random.js';

/** How people take turns. Probabilities are of each change from one utterance to the next. */
export interface Manners {
  /** The same person goes on. */
  readonly continueProbability: number;
  /** The next person begins while the last one speaks, who then breaks off. */
  readonly interruptProbability: number;
  /** The next person begins while the last one speaks, who finishes. */
  readonly overlapProbability: number;
  /** Between two people, seconds. */
  readonly pauseSeconds: readonly [low: number, high: number];
}

/** One utterance and its place: [startSeconds, endSeconds) of the conversation. */
export interface Placed<Item> {
  readonly utterance: Item;
  readonly startSeconds: number;
  /** Earlier than the utterance's own end where its speaker was interrupted. */
  readonly endSeconds: number;
  readonly entry: 'pause' | 'continue' | 'interrupt' | 'overlap';
}

export interface PlannedUtterance {
  readonly speaker: string;
  readonly durationSeconds: number;
}

/** Between two utterances of one person, seconds. */
const BREATH_SECONDS = [0.1, 0.5] as const;
/** How long two people talk at once, seconds. */
const OVERLAP_SECONDS = [0.3, 1.2] as const;

/**
 * Who says what when: utterances drawn without repeats until `seconds` are full or all is said. People who
 * have not spoken yet are three times as likely to be next. At most two people talk at once.
 */
export function planConversation<Item extends PlannedUtterance>(
  utterances: readonly Item[],
  seconds: number,
  manners: Manners,
  random: Random,
): Placed<Item>[] {
  const waiting = new Map<string, Item[]>();
  for (const utterance of random.shuffled(utterances)) {
    waiting.set(utterance.speaker, [...(waiting.get(utterance.speaker) ?? []), utterance]);
  }
  const spoke = new Set<string>();
  const placed: Placed<Item>[] = [];
  for (;;) {
    const last = placed.at(-1);
    const speaker = nextSpeaker(waiting, spoke, last?.utterance.speaker, manners, random);
    if (speaker === undefined) return placed;
    const utterance = waiting.get(speaker)!.pop()!;
    const next = last
      ? enter(placed, last, utterance, manners, random)
      : begin(utterance, random.between(...manners.pauseSeconds));
    if (next.endSeconds > seconds && placed.length > 0) return placed;
    spoke.add(speaker);
    placed.push(next);
  }
}

function nextSpeaker(
  waiting: ReadonlyMap<string, readonly unknown[]>,
  spoke: ReadonlySet<string>,
  last: string | undefined,
  manners: Manners,
  random: Random,
): string | undefined {
  const able = [...waiting].filter(([, items]) => items.length > 0).map(([speaker]) => speaker);
  const others = able.filter((speaker) => speaker !== last);
  const goesOn = last !== undefined && able.includes(last) && random.next() < manners.continueProbability;
  if (goesOn || others.length === 0) return able.includes(last ?? '') ? last : undefined;
  return random.pick(
    others.flatMap((speaker) => (spoke.has(speaker) ? [speaker] : [speaker, speaker, speaker])),
  );
}

function begin<Item extends PlannedUtterance>(utterance: Item, startSeconds: number): Placed<Item> {
  return { utterance, startSeconds, endSeconds: startSeconds + utterance.durationSeconds, entry: 'pause' };
}

/** Place the utterance after `last`, which it may cut short (then the last of `placed` is replaced). */
function enter<Item extends PlannedUtterance>(
  placed: Placed<Item>[],
  last: Placed<Item>,
  utterance: Item,
  manners: Manners,
  random: Random,
): Placed<Item> {
  const { durationSeconds } = utterance;
  const at = (startSeconds: number, entry: Placed<Item>['entry']): Placed<Item> => ({
    utterance,
    startSeconds,
    endSeconds: startSeconds + durationSeconds,
    entry,
  });
  if (utterance.speaker === last.utterance.speaker) {
    return at(last.endSeconds + random.between(...BREATH_SECONDS), 'continue');
  }
  const draw = random.next();
  const lastSeconds = last.endSeconds - last.startSeconds;
  const together = Math.min(random.between(...OVERLAP_SECONDS), 0.4 * lastSeconds, 0.4 * durationSeconds);
  // A third voice waits until the first is silent.
  const free = placed.at(-2)?.endSeconds ?? 0;
  if (draw < manners.interruptProbability) {
    const cut = last.startSeconds + lastSeconds * random.between(0.5, 0.9);
    const start = Math.max(cut - together, free);
    if (start < cut) {
      placed[placed.length - 1] = { ...last, endSeconds: cut };
      return at(start, 'interrupt');
    }
  } else if (draw < manners.interruptProbability + manners.overlapProbability) {
    const start = Math.max(last.endSeconds - together, free);
    if (start < last.endSeconds && start + durationSeconds > last.endSeconds) return at(start, 'overlap');
  }
  return at(Math.max(last.endSeconds, free) + random.between(...manners.pauseSeconds), 'pause');
}
