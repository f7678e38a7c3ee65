/** What waits for its turn. */
export interface Waiting {
  readonly group: string;
  /** In which order they came. */
  readonly order: number;
}

/**
 * In which order recordings are heard: groups take turns, the one first that had none for the longest time; each of a group in order
 * of when it came.
 *
 * @param lastTurn when each group had its last turn: a number that grows
 */
export function fairOrder<Each extends Waiting>(
  waiting: readonly Each[],
  lastTurn: ReadonlyMap<string, number>,
): Each[] {
  const groups = new Map<string, Each[]>();
  for (const each of [...waiting].sort(byAge)) {
    const group = groups.get(each.group);
    if (group === undefined) groups.set(each.group, [each]);
    else group.push(each);
  }
  const turn = (group: string): number => lastTurn.get(group) ?? 0;
  const queues = [...groups].sort(([a], [b]) => turn(a) - turn(b)).map(([, queue]) => queue);
  const order: Each[] = [];
  for (let round = 0; order.length < waiting.length; round++) {
    for (const queue of queues) {
      const next = queue[round];
      if (next !== undefined) order.push(next);
    }
  }
  return order;
}

export function byAge(a: Waiting, b: Waiting): number {
  return a.order - b.order;
}
