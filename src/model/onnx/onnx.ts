import { formatShape, quote, unsupported } from '../fault.js';
import type { ModelSource, RawModel, RawTensor } from '../raw.js';
import { readAttention } from './attention.js';
import { readEmbedding } from './embedding.js';
import { GraphView } from './graph.js';
import { readNorm } from './norm.js';
import { parseOnnx, type OnnxGraph, type OnnxNode } from './proto.js';
import { isSegmentationGraph, readSegmentationOnnx } from './segmentation.js';
import { afterSimAm } from './sim-am.js';

/**
 * Read a WeSpeaker ResNet exported to ONNX. The exporter renames what it folds, so the tensors are told by
 * their place: a walk from the input, block by block (conv, relu, conv, add, relu), through the pooling to the last
 * linear layer. BatchNorm may be folded into the convolutions or stand as nodes; a mean vector that is subtracted
 * at the end goes into the bias. Throws `model-unsupported` wherever the graph leaves the family. An export of pyannote's
 * segmentation is told by its parameters, and read by their names.
 */
export function readOnnx(source: ModelSource): RawModel {
  return readOnnxGraph(source.label, parseOnnx(source));
}

/** The same of a file that was parsed already. */
export function readOnnxGraph(label: string, graph: OnnxGraph): RawModel {
  if (isSegmentationGraph(graph)) return readSegmentationOnnx(label, graph);
  const { framework } = graph.metadata;
  if (framework !== undefined && framework !== 'wespeaker') {
    throw unsupported(label, `made for the front end of ${quote(framework)}, which is not WeSpeaker's`);
  }
  return new OnnxWalk(new GraphView(label, graph)).run();
}

class OnnxWalk {
  private readonly tensors = new Map<string, RawTensor>();
  private readonly seen = new Set<OnnxNode>();
  private readonly label: string;
  private readonly blocks = new Set<'basic' | 'bottleneck' | 'simam'>();

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
      if (next.some((conv) => strideOf(conv) === 2)) {
        stage++;
        block = 0;
      }
      at = this.takeBlock(at, next, `layer${stage}.${block}`);
      block++;
    }
    const pooling = readAttention(this.view, at, this.tensors);
    for (const conv of pooling?.convs ?? []) this.seen.add(conv);
    if (this.blocks.size > 1) {
      throw unsupported(this.label, `blocks of several kinds: ${[...this.blocks].join(', ')}`);
    }
    if (this.seen.size !== convs.length) {
      throw unsupported(
        this.label,
        `${convs.length - this.seen.size} convolutions lie outside the residual blocks`,
      );
    }
    readEmbedding(this.view, this.tensors);
    return {
      tensors: this.tensors,
      metadata: {
        block: [...this.blocks][0],
        pooling: pooling?.kind,
        sample_rate: this.view.graph.metadata.sample_rate,
      },
    };
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

  /** One block that starts at value `input`; returns the value that it ends in. */
  private takeBlock(input: string, convs: readonly OnnxNode[], name: string): string {
    // The shortcut goes into the sum as it is.
    const isSide = (conv: OnnxNode): boolean =>
      this.view.users(this.afterNorm(conv)).every(({ op }) => op === 'Add');
    const main = convs.filter((conv) => !isSide(conv));
    const side = convs.filter(isSide);
    if (main.length !== 1 || side.length > 1)
      throw unsupported(this.label, `block ${name} is neither a BasicBlock nor a Bottleneck`);
    const stride = Math.max(...convs.map(strideOf));
    const isBottleneck = kernelOf(this.view, main[0]!) === 1;
    const inner = this.takeMiddle(main[0]!, name, 1, isBottleneck ? 1 : stride);
    let end: string;
    if (isBottleneck) {
      const middle = this.takeMiddle(this.view.only(inner, 'Conv'), name, 2, stride);
      end = this.takeConv(this.view.only(middle, 'Conv'), `${name}.conv3`, `${name}.bn3`, 1);
      this.blocks.add('bottleneck');
    } else {
      const plain = this.takeConv(this.view.only(inner, 'Conv'), `${name}.conv2`, `${name}.bn2`, 1);
      end = afterSimAm(this.view, plain, name);
      this.blocks.add(end === plain ? 'basic' : 'simam');
    }
    const sum = this.view.only(end, 'Add');
    const shortcut = side[0]
      ? this.takeConv(side[0], `${name}.shortcut`, `${name}.shortcut.norm`, stride)
      : input;
    if (!sum.inputs.some((value) => this.view.origin(value) === this.view.origin(shortcut))) {
      throw unsupported(this.label, `block ${name} does not add its input`);
    }
    return this.view.only(sum.outputs[0]!, 'Relu').outputs[0]!;
  }

  /** A convolution of a block with the ReLU after it. */
  private takeMiddle(conv: OnnxNode, block: string, index: number, stride: number): string {
    const output = this.takeConv(conv, `${block}.conv${index}`, `${block}.bn${index}`, stride);
    return this.view.only(output, 'Relu').outputs[0]!;
  }

  /** What a convolution and the BatchNorm after it end in. */
  private afterNorm(conv: OnnxNode): string {
    const users = this.view.users(conv.outputs[0]!);
    const norm = users.length === 1 && users[0]!.op === 'BatchNormalization' ? users[0]! : conv;
    return norm.outputs[0]!;
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
      readNorm(this.view, users[0]!, norm, this.tensors);
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
