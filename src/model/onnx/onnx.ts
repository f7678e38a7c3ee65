import { BATCH_NORM_EPSILON } from '../fold.js';
import { formatShape, quote, unsupported } from '../fault.js';
import type { ModelSource, RawModel, RawTensor } from '../raw.js';
import { readEmbedding } from './embedding.js';
import { GraphView } from './graph.js';
import { parseOnnx, type OnnxNode } from './proto.js';
import { isSegmentationGraph, readSegmentationOnnx } from './segmentation.js';

/**
 * Read a WeSpeaker ResNet exported to ONNX. The exporter renames what it folds, so the tensors are told by
 * their place: a walk from the input, block by block (conv, relu, conv, add, relu), to the last linear
 * layer. BatchNorm may be folded into the convolutions or stand as nodes; a mean vector that is subtracted
 * at the end goes into the bias. Throws `model-unsupported` wherever the graph leaves the family. An export of pyannote's
 * segmentation is told by its parameters, and read by their names.
 */
export function readOnnx(source: ModelSource): RawModel {
  const graph = parseOnnx(source);
  if (isSegmentationGraph(graph)) return readSegmentationOnnx(source.label, graph);
  return new OnnxWalk(new GraphView(source.label, graph)).run();
}

class OnnxWalk {
  private readonly tensors = new Map<string, RawTensor>();
  private readonly seen = new Set<OnnxNode>();
  private readonly label: string;

  constructor(private readonly view: GraphView) {
    this.label = view.label;
  }

  run(): RawModel {
    const convs = this.view.graph.nodes.filter((node) => node.op === 'Conv');
    const first = convs[0];
    if (!first) throw unsupported(this.label, 'the graph has no convolution; expected a WeSpeaker ResNet');
    this.checkInput(first);
    let at = this.view.only(this.takeConv(first, 'conv1', 'bn1', 1), 'Relu').outputs[0]!;
    let stage = 1;
    let block = 0;
    for (;;) {
      const next = this.view.users(at).filter((node) => node.op === 'Conv');
      if (next.length === 0) break;
      if (strideOf(next[0]!) === 2) {
        stage++;
        block = 0;
      }
      at = this.takeBlock(at, next, `layer${stage}.${block}`);
      block++;
    }
    if (this.seen.size !== convs.length) {
      throw unsupported(
        this.label,
        `${convs.length - this.seen.size} convolutions lie outside the residual blocks`,
      );
    }
    readEmbedding(this.view, this.tensors);
    return { tensors: this.tensors };
  }

  /** (batch, frames, mel) must become (batch, 1, mel, frames). */
  private checkInput(conv: OnnxNode): void {
    let node = this.view.maker(conv.inputs[0]!);
    for (let step = 0; node && node.op !== 'Transpose' && step < 8; step++)
      node = this.view.maker(node.inputs[0]!);
    const order = node?.attributes.get('perm')?.ints.join();
    if (order !== '0,2,1') {
      throw unsupported(
        this.label,
        'the input is not turned from (batch, frames, mel) to (batch, mel, frames)',
      );
    }
  }

  /** One BasicBlock that starts at value `input`; returns the value that it ends in. */
  private takeBlock(input: string, convs: readonly OnnxNode[], name: string): string {
    const main = convs.filter((conv) => kernelOf(this.view, conv) === 3);
    const side = convs.filter((conv) => kernelOf(this.view, conv) === 1);
    if (main.length === 0) {
      throw unsupported(
        this.label,
        `block ${name} starts with a 1x1 convolution: Bottleneck blocks are not supported`,
      );
    }
    if (main.length !== 1 || side.length > 1)
      throw unsupported(this.label, `block ${name} is not a BasicBlock`);
    const middle = this.view.only(
      this.takeConv(main[0]!, `${name}.conv1`, `${name}.bn1`, strideOf(main[0]!)),
      'Relu',
    );
    const second = this.view.only(middle.outputs[0]!, 'Conv');
    const sum = this.view.only(this.takeConv(second, `${name}.conv2`, `${name}.bn2`, 1), 'Add');
    let shortcut = input;
    if (side[0]) {
      shortcut = this.takeConv(side[0], `${name}.shortcut`, `${name}.shortcut.norm`, strideOf(main[0]!));
    }
    if (!sum.inputs.some((value) => this.view.origin(value) === this.view.origin(shortcut))) {
      throw unsupported(this.label, `block ${name} does not add its input: not a BasicBlock`);
    }
    return this.view.only(sum.outputs[0]!, 'Relu').outputs[0]!;
  }

  /** Record a convolution and the BatchNorm after it; returns the value that they end in. */
  private takeConv(conv: OnnxNode, name: string, norm: string, stride: number): string {
    const weight = this.view.constant(conv, 1);
    const kernel = kernelOf(this.view, conv);
    if (!weight || (kernel !== 1 && kernel !== 3)) {
      throw unsupported(
        this.label,
        `${name} has the kernel ${weight ? formatShape(weight.shape) : 'computed'}`,
      );
    }
    if (this.seen.has(conv)) throw unsupported(this.label, `the graph runs in a circle at ${name}`);
    this.checkGeometry(conv, name, (kernel - 1) / 2, stride);
    this.seen.add(conv);
    this.tensors.set(`${name}.weight`, weight);
    const output = conv.outputs[0]!;
    const users = this.view.users(output);
    const bias = this.view.constant(conv, 2);
    if (bias) this.tensors.set(`${name}.bias`, bias);
    if (users.length === 1 && users[0]!.op === 'BatchNormalization') {
      this.takeNorm(users[0]!, norm);
      return users[0]!.outputs[0]!;
    }
    // A convolution with neither adds nothing.
    if (!bias) this.tensors.set(`${name}.bias`, zeros(weight.shape[0]!));
    return output;
  }

  private checkGeometry(conv: OnnxNode, name: string, padding: number, stride: number): void {
    const { attributes } = conv;
    const pads = attributes.get('pads')?.ints ?? [0, 0, 0, 0];
    const strides = attributes.get('strides')?.ints ?? [1, 1];
    const ones = [...(attributes.get('dilations')?.ints ?? [1]), attributes.get('group')?.int ?? 1];
    const automatic = attributes.get('auto_pad')?.text ?? 'NOTSET';
    if (
      pads.some((pad) => pad !== padding) ||
      strides.some((step) => step !== stride) ||
      ones.some((value) => value !== 1) ||
      automatic !== 'NOTSET'
    ) {
      const received = `pads ${formatShape(pads)}, strides ${formatShape(strides)}, ${quote(automatic)}`;
      throw unsupported(
        this.label,
        `${name}: expected padding ${padding} and stride ${stride}, received ${received}`,
      );
    }
  }

  private takeNorm(node: OnnxNode, name: string): void {
    const epsilon = node.attributes.get('epsilon')?.float ?? BATCH_NORM_EPSILON;
    if (Math.abs(epsilon - BATCH_NORM_EPSILON) > 1e-9) {
      throw unsupported(this.label, `${name} has epsilon ${epsilon}; expected ${BATCH_NORM_EPSILON}`);
    }
    for (const [index, part] of ['weight', 'bias', 'running_mean', 'running_var'].entries()) {
      const tensor = this.view.constant(node, index + 1);
      if (!tensor) throw unsupported(this.label, `${name}.${part} is computed by the graph`);
      this.tensors.set(`${name}.${part}`, tensor);
    }
  }
}

function kernelOf(view: GraphView, conv: OnnxNode): number | undefined {
  const shape = view.constant(conv, 1)?.shape;
  return shape?.length === 4 && shape[2] === shape[3] ? shape[2] : undefined;
}

function strideOf(conv: OnnxNode): number {
  return conv.attributes.get('strides')?.ints[0] ?? 1;
}

function zeros(count: number): RawTensor {
  return { shape: [count], read: () => new Float32Array(count) };
}
