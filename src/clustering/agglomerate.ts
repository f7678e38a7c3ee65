import { dot } from '../vectors.js';
import type { Breather } from './breather.js';

/** Two clusters joined: positions of one member of each, and their distance. */
interface Join {
  readonly a: number;
  readonly b: number;
  readonly distance: number;
}

/**
 * Agglomerative clustering with average linkage over cosine distance, by the nearest-neighbour chain (Murtagh 1983): n^2
 * time and memory (4 bytes a pair).
 */
export class Dendrogram {
  private constructor(
    private readonly count: number,
    private readonly joins: readonly Join[],
  ) {}

  /** @param vectors L2-normalised */
  static async of(vectors: readonly Float32Array[], breather: Breather): Promise<Dendrogram> {
    const joins = await joinsOf(vectors, breather);
    return new Dendrogram(
      vectors.length,
      joins.sort((a, b) => a.distance - b.distance),
    );
  }

  /** Clusters at most so far apart; of each vector the number of its own, from 0 in order of first member. */
  atDistance(distance: number): Int32Array {
    return this.#cut(this.joins.filter((join) => join.distance <= distance).length);
  }

  /** So many clusters, where there are as many vectors. */
  ofCount(count: number): Int32Array {
    return this.#cut(Math.max(0, this.count - count));
  }

  #cut(joins: number): Int32Array {
    const parent = Array.from({ length: this.count }, (_, i) => i);
    const root = (i: number): number => {
      while (parent[i] !== i) i = parent[i] = parent[parent[i]!]!;
      return i;
    };
    for (const { a, b } of this.joins.slice(0, joins)) parent[root(a)] = root(b);
    const numbers = new Map<number, number>();
    return Int32Array.from(parent, (_, i) => {
      const own = root(i);
      if (!numbers.has(own)) numbers.set(own, numbers.size);
      return numbers.get(own)!;
    });
  }
}

async function joinsOf(vectors: readonly Float32Array[], breather: Breather): Promise<Join[]> {
  const n = vectors.length;
  const distances = new Float32Array(n * n);
  for (let i = 0; i < n; i++) {
    if (breather.isDue) await breather.breathe();
    for (let j = 0; j < i; j++) {
      distances[i * n + j] = distances[j * n + i] = 1 - dot(vectors[i]!, vectors[j]!);
    }
  }
  const sizes = new Float64Array(n).fill(1);
  const joins: Join[] = [];
  const chain: number[] = [];
  let left = n;
  let next = 0;
  while (left > 1) {
    if (breather.isDue) await breather.breathe();
    if (chain.length === 0) {
      while (sizes[next] === 0) next++;
      chain.push(next);
    }
    const top = chain.at(-1)!;
    const before = chain.at(-2) ?? -1;
    let nearest = before;
    let least = before < 0 ? Infinity : distances[top * n + before]!;
    for (let i = 0; i < n; i++) {
      if (sizes[i] === 0 || i === top || distances[top * n + i]! >= least) continue;
      nearest = i;
      least = distances[top * n + i]!;
    }
    if (nearest !== before) {
      chain.push(nearest);
      continue;
    }
    chain.length -= 2;
    joins.push({ a: top, b: before, distance: least });
    const sizeA = sizes[top]!;
    const sizeB = sizes[before]!;
    for (let i = 0; i < n; i++) {
      if (sizes[i] === 0) continue;
      const mean = (sizeA * distances[top * n + i]! + sizeB * distances[before * n + i]!) / (sizeA + sizeB);
      distances[before * n + i] = distances[i * n + before] = mean;
    }
    sizes[before] = sizeA + sizeB;
    sizes[top] = 0;
    left--;
  }
  return joins;
}
