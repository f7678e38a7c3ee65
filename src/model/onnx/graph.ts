import { quote, unsupported } from '../fault.js';
import type { RawTensor } from '../raw.js';
import type { OnnxGraph, OnnxNode } from './proto.js';

/** Nodes that hand their first input on unchanged. */
const TRANSPARENT = new Set(['Identity', 'Dropout']);

/** Questions that a walk along the graph asks. */
export class GraphView {
  private readonly byInput = new Map<string, OnnxNode[]>();
  private readonly byOutput = new Map<string, OnnxNode>();

  constructor(
    readonly label: string,
    readonly graph: OnnxGraph,
  ) {
    for (const node of graph.nodes) {
      for (const name of new Set(node.inputs)) {
        const users = this.byInput.get(name);
        if (users) users.push(node);
        else this.byInput.set(name, [node]);
      }
      for (const name of node.outputs) this.byOutput.set(name, node);
    }
  }

  /** Nodes that use a value, looking through those that hand it on. */
  users(name: string): readonly OnnxNode[] {
    const found: OnnxNode[] = [];
    const names = new Set([name]);
    // A Set hands out what is added while it is walked, and nothing twice: a cycle ends.
    for (const at of names) {
      for (const user of this.byInput.get(at) ?? []) {
        if (TRANSPARENT.has(user.op)) names.add(user.outputs[0] ?? at);
        else found.push(user);
      }
    }
    return found;
  }

  /** The node that made a value. */
  maker(name: string): OnnxNode | undefined {
    return this.byOutput.get(this.origin(name));
  }

  /** A value's name before the nodes that change nothing. */
  origin(name: string): string {
    let at = name;
    for (let step = 0; step < 16; step++) {
      const maker = this.byOutput.get(at);
      if (!maker || !TRANSPARENT.has(maker.op)) break;
      at = maker.inputs[0] ?? at;
    }
    return at;
  }

  /** The one node that uses a value, which must be of this kind. */
  only(name: string, op: string): OnnxNode {
    const users = this.users(name);
    if (users.length === 1 && users[0]!.op === op) return users[0]!;
    const found = users.map((user) => user.op).join(', ') || 'nothing';
    throw unsupported(
      this.label,
      `after ${quote(name)} the graph has ${found} where a WeSpeaker ResNet has ${op}`,
    );
  }

  /** A constant input of a node, or undefined where the input is absent or computed. */
  constant(node: OnnxNode, index: number): RawTensor | undefined {
    const name = node.inputs[index];
    return name === undefined || name === '' ? undefined : this.graph.constants.get(this.origin(name));
  }
}
