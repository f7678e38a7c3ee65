import { PbfReader } from 'pbf';
import { isWhospeaksError } from '../../errors.js';
import { BYTES_PER_ELEMENT, decodeFloats, elementCount, type FloatType } from '../dtype.js';
import { corrupt, formatShape, quote, unsafe, unsupported } from '../fault.js';
import type { ModelSource, RawTensor } from '../raw.js';

/** The parts of onnx.proto that a walk over a network needs; field numbers are those of that file. */
export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  /** Initializers, and the values of Constant nodes. */
  readonly constants: ReadonlyMap<string, RawTensor>;
  readonly outputs: readonly string[];
  /** What a caller hands in: inputs that are no constants. */
  readonly inputs: readonly OnnxValue[];
  readonly results: readonly OnnxValue[];
  /** Strings that the exporter put in the file. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Some weights are in a second file. */
  readonly hasExternalData: boolean;
}

/** An input or an output of the graph. */
export interface OnnxValue {
  readonly name: string;
  /** FLOAT is 1, INT64 is 7. */
  readonly type: number;
  /** A size that varies is null. */
  readonly sizes: readonly (number | null)[];
}

export interface OnnxNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, OnnxAttribute>;
}

export interface OnnxAttribute {
  float?: number;
  int?: number;
  ints: number[];
  text?: string;
  tensor?: RawTensor;
}

/** A ResNet34 has some hundred nodes; this bounds what a hostile file can make us allocate. */
const MAX_MESSAGES = 100_000;
const EXTERNAL = 1;
const UINT8 = 2;
const INT8 = 3;
const FLOAT_TYPES: Readonly<Record<number, FloatType>> = { 1: 'F32', 10: 'F16', 11: 'F64', 16: 'BF16' };

/** Field 1, a small varint: the `ir_version` with which every ONNX file begins. */
export function looksLikeOnnx(bytes: Uint8Array): boolean {
  return bytes.length > 16 && bytes[0] === 0x08 && bytes[1]! >= 1 && bytes[1]! < 64;
}

/** Types of values. */
export const ONNX_FLOAT = 1;
export const ONNX_INT64 = 7;

/** Parse a ModelProto. Throws `model-corrupt` for broken protobuf, `model-unsafe` for an absurd size. */
export function parseOnnx({ bytes, label }: ModelSource): OnnxGraph {
  try {
    return new OnnxParser(label).model(bytes);
  } catch (error) {
    if (isWhospeaksError(error)) throw error;
    throw corrupt(label, 'the ONNX protobuf is damaged', error);
  }
}

class OnnxParser {
  private messages = 0;
  private readonly constants = new Map<string, RawTensor>();
  private hasExternalData = false;

  constructor(private readonly label: string) {}

  model(bytes: Uint8Array): OnnxGraph {
    const graphs: OnnxGraph[] = [];
    const metadata: Record<string, string> = {};
    this.fields(bytes, (field, pbf) => {
      if (field === 7) graphs.push(this.graph(this.bytes(pbf), metadata));
      else if (field === 14) Object.assign(metadata, this.property(this.bytes(pbf)));
    });
    const [graph] = graphs;
    if (!graph) throw corrupt(this.label, 'the ONNX file holds no graph');
    return graph;
  }

  private graph(bytes: Uint8Array, metadata: Readonly<Record<string, string>>): OnnxGraph {
    const nodes: OnnxNode[] = [];
    const inputs: OnnxValue[] = [];
    const results: OnnxValue[] = [];
    this.fields(bytes, (field, pbf) => {
      if (field === 1) nodes.push(this.node(this.bytes(pbf)));
      else if (field === 5) this.addConstant(...this.tensor(this.bytes(pbf)));
      else if (field === 11) inputs.push(this.value(this.bytes(pbf)));
      else if (field === 12) results.push(this.value(this.bytes(pbf)));
    });
    for (const { op, outputs: names, attributes } of nodes) {
      const tensor = attributes.get('value')?.tensor;
      if (op === 'Constant' && tensor) this.addConstant(names[0] ?? '', tensor);
    }
    return {
      nodes,
      constants: this.constants,
      inputs: inputs.filter(({ name }) => !this.constants.has(name)),
      results,
      outputs: results.map(({ name }) => name),
      metadata,
      hasExternalData: this.hasExternalData,
    };
  }

  private node(bytes: Uint8Array): OnnxNode {
    const node = {
      op: '',
      inputs: [] as string[],
      outputs: [] as string[],
      attributes: new Map<string, OnnxAttribute>(),
    };
    this.fields(bytes, (field, pbf) => {
      if (field === 1) node.inputs.push(this.string(pbf));
      else if (field === 2) node.outputs.push(this.string(pbf));
      else if (field === 4) node.op = this.string(pbf);
      else if (field === 5) node.attributes.set(...this.attribute(this.bytes(pbf)));
    });
    if (node.outputs.length === 0) throw corrupt(this.label, `a node ${quote(node.op)} without an output`);
    return node;
  }

  private attribute(bytes: Uint8Array): [string, OnnxAttribute] {
    let name = '';
    const attribute: OnnxAttribute = { ints: [] };
    this.fields(bytes, (field, pbf) => {
      if (field === 1) name = this.string(pbf);
      else if (field === 2) attribute.float = pbf.readFloat();
      else if (field === 3) attribute.int = pbf.readVarint(true);
      else if (field === 4) attribute.text = this.string(pbf);
      else if (field === 5) attribute.tensor = this.tensor(this.bytes(pbf))[1];
      else if (field === 8) pbf.readPackedVarint(attribute.ints, true);
    });
    return [name, attribute];
  }

  private tensor(bytes: Uint8Array): [string, RawTensor] {
    const shape: number[] = [];
    let name = '';
    const seen = { typeNumber: 0, external: false };
    let raw = new Uint8Array();
    let floats = new Uint8Array();
    const smallIntegers: number[] = [];
    this.fields(bytes, (field, pbf) => {
      if (field === 1) pbf.readPackedVarint(shape);
      else if (field === 2) seen.typeNumber = pbf.readVarint();
      // float_data is packed by every writer: then it is what raw_data would be.
      else if (field === 4 && pbf.type === 2) floats = new Uint8Array(this.bytes(pbf));
      // int32_data: 8-bit integers too are put there by some writers.
      else if (field === 5) pbf.readPackedVarint(smallIntegers, true);
      else if (field === 8) name = this.string(pbf);
      else if (field === 9) raw = new Uint8Array(this.bytes(pbf));
      else if (field === 14) seen.external = pbf.readVarint() === EXTERNAL;
    });
    const { typeNumber, external } = seen;
    this.hasExternalData ||= external;
    const type = FLOAT_TYPES[typeNumber];
    const data = raw.length > 0 ? raw : floats;
    const count = elementCount(shape);
    if (count === undefined || shape.length > 8) {
      throw corrupt(this.label, `tensor ${quote(name)} has the shape ${formatShape(shape.slice(0, 8))}`);
    }
    if (type && !external && count * BYTES_PER_ELEMENT[type] !== data.length) {
      throw corrupt(
        this.label,
        `tensor ${quote(name)} of shape ${formatShape(shape)} has ${data.length} bytes`,
      );
    }
    const read = (): Float32Array | Float64Array => {
      if (external)
        throw unsupported(this.label, 'weights kept in a second file; save the ONNX model as one file');
      if (!type) throw unsupported(this.label, `tensor ${quote(name)} does not hold floating-point numbers`);
      return decodeFloats(data, type);
    };
    if (external || (typeNumber !== UINT8 && typeNumber !== INT8))
      return [name, { shape, read, isFloat: type !== undefined }];
    const small = raw.length > 0 ? raw : Uint8Array.from(smallIntegers);
    if (count !== small.length) {
      throw corrupt(
        this.label,
        `tensor ${quote(name)} of shape ${formatShape(shape)} has ${small.length} bytes`,
      );
    }
    return [name, { shape, read, readBytes: () => (typeNumber === INT8 ? new Int8Array(small) : small) }];
  }

  private addConstant(name: string, tensor: RawTensor): void {
    if (this.constants.has(name)) throw unsafe(this.label, `the graph defines ${quote(name)} twice`);
    this.constants.set(name, tensor);
  }

  /** ValueInfoProto: name, and of a tensor its type and sizes. */
  private value(bytes: Uint8Array): OnnxValue {
    const value = { name: '', type: 0, sizes: [] as (number | null)[] };
    const size = (dimension: Uint8Array): void => {
      let known: number | null = null;
      this.fields(dimension, (field, pbf) => {
        if (field === 1) known = pbf.readVarint();
      });
      value.sizes.push(known);
    };
    this.fields(bytes, (field, pbf) => {
      if (field === 1) value.name = this.string(pbf);
      else if (field === 2)
        this.inside(this.bytes(pbf), 1, (tensor) => {
          this.fields(tensor, (part, inner) => {
            if (part === 1) value.type = inner.readVarint();
            else if (part === 2) this.inside(this.bytes(inner), 1, size);
          });
        });
    });
    return value;
  }

  /** The messages in one field of a message. */
  private inside(bytes: Uint8Array, wanted: number, take: (message: Uint8Array) => void): void {
    this.fields(bytes, (field, pbf) => {
      if (field === wanted) take(this.bytes(pbf));
    });
  }

  private property(bytes: Uint8Array): Record<string, string> {
    let key = '';
    let text = '';
    this.fields(bytes, (field, pbf) => {
      if (field === 1) key = this.string(pbf);
      else if (field === 2) text = this.string(pbf);
    });
    return { [key]: text };
  }

  /** Each message gets a reader over its own bytes, so that no length inside can reach beyond them. */
  private fields(bytes: Uint8Array, take: (field: number, pbf: PbfReader) => void): void {
    if (++this.messages > MAX_MESSAGES)
      throw unsafe(this.label, `more than ${MAX_MESSAGES} parts in the ONNX graph`);
    const pbf = new PbfReader(bytes);
    for (let field = pbf.nextField(); field !== 0; field = pbf.nextField()) take(field, pbf);
    if (pbf.pos !== bytes.length) throw corrupt(this.label, 'the ONNX file is cut short');
  }

  private bytes(pbf: PbfReader): Uint8Array {
    const length = pbf.readVarint();
    const end = pbf.pos + length;
    if (!(length >= 0) || end > pbf.length) throw corrupt(this.label, 'the ONNX file is cut short');
    const bytes = pbf.buf.subarray(pbf.pos, end);
    pbf.pos = end;
    return bytes;
  }

  private string(pbf: PbfReader): string {
    return new TextDecoder().decode(this.bytes(pbf));
  }
}
