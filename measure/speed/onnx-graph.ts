import { PbfWriter } from 'pbf';

/** Field numbers are those of onnx.proto. */
type Attribute = number | string | readonly number[] | { readonly float: number };
const OPSET = 11;
export const FLOAT = 1;
export const INT64 = 7;

/** An input or an output; a size that varies has a name. */
export interface Value {
  readonly name: string;
  readonly sizes: readonly (string | number)[];
  /** Default FLOAT. */
  readonly type?: number;
}

/** An ONNX graph in the making. */
export class Graph {
  readonly #nodes: ((pbf: PbfWriter) => void)[] = [];
  readonly #tensors: ((pbf: PbfWriter) => void)[] = [];
  readonly #names = new Set<string>();
  #count = 0;

  /** A constant of a name that is there already is that one. */
  tensor(name: string, shape: readonly number[], data: Float32Array): string {
    if (this.#isThere(name)) return name;
    this.#tensors.push((pbf) => {
      for (const size of shape) pbf.writeVarintField(1, size);
      pbf.writeVarintField(2, FLOAT);
      pbf.writeStringField(8, name);
      pbf.writeBytesField(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    });
    return name;
  }

  /** A constant whose numbers are in another file. */
  externalTensor(name: string, shape: readonly number[]): string {
    this.#tensors.push((pbf) => {
      for (const size of shape) pbf.writeVarintField(1, size);
      pbf.writeVarintField(2, FLOAT);
      pbf.writeStringField(8, name);
      pbf.writeVarintField(14, 1);
    });
    return name;
  }

  scalar(name: string, value: bigint): string {
    return this.#integers(name, [], [value]);
  }

  list(name: string, values: readonly bigint[]): string {
    return this.#integers(name, [values.length], values);
  }

  node(
    type: string,
    inputs: readonly string[],
    attributes: Record<string, Attribute> = {},
    output?: string,
  ): string {
    const result = output ?? `t${(this.#count += 1)}`;
    this.#nodes.push((pbf) => {
      for (const input of inputs) pbf.writeStringField(1, input);
      pbf.writeStringField(2, result);
      pbf.writeStringField(4, type);
      for (const [name, value] of Object.entries(attributes))
        pbf.writeMessage(5, writeAttribute, { name, value });
    });
    return result;
  }

  /** The model as a file; metadata is for those who read it. */
  file(
    inputs: Value | readonly Value[],
    outputs: Value | readonly Value[],
    metadata: Readonly<Record<string, string>> = {},
  ): Uint8Array {
    const pbf = new PbfWriter();
    pbf.writeVarintField(1, 7);
    pbf.writeStringField(2, 'whospeaks-bench');
    pbf.writeMessage(
      7,
      (_, inner) => {
        this.#write(inner, [inputs].flat(), [outputs].flat());
      },
      undefined,
    );
    pbf.writeMessage(
      8,
      (_, inner) => {
        inner.writeVarintField(2, OPSET);
      },
      undefined,
    );
    for (const [key, value] of Object.entries(metadata)) {
      pbf.writeMessage(
        14,
        (_, inner) => {
          inner.writeStringField(1, key);
          inner.writeStringField(2, value);
        },
        undefined,
      );
    }
    return pbf.finish();
  }

  #isThere(name: string): boolean {
    if (this.#names.has(name)) return true;
    this.#names.add(name);
    return false;
  }

  #integers(name: string, shape: readonly number[], values: readonly bigint[]): string {
    if (this.#isThere(name)) return name;
    this.#tensors.push((pbf) => {
      for (const size of shape) pbf.writeVarintField(1, size);
      pbf.writeVarintField(2, INT64);
      pbf.writeStringField(8, name);
      pbf.writeBytesField(9, new Uint8Array(BigInt64Array.from(values).buffer));
    });
    return name;
  }

  #write(pbf: PbfWriter, inputs: readonly Value[], outputs: readonly Value[]): void {
    for (const node of this.#nodes)
      pbf.writeMessage(
        1,
        (_, inner) => {
          node(inner);
        },
        undefined,
      );
    pbf.writeStringField(2, 'network');
    for (const tensor of this.#tensors)
      pbf.writeMessage(
        5,
        (_, inner) => {
          tensor(inner);
        },
        undefined,
      );
    for (const input of inputs) pbf.writeMessage(11, writeValueInfo, input);
    for (const output of outputs) pbf.writeMessage(12, writeValueInfo, output);
  }
}

function writeAttribute({ name, value }: { name: string; value: Attribute }, pbf?: PbfWriter): void {
  pbf!.writeStringField(1, name);
  if (typeof value === 'number') {
    pbf!.writeVarintField(3, value);
    pbf!.writeVarintField(20, 2);
  } else if (typeof value === 'string') {
    pbf!.writeStringField(4, value);
    pbf!.writeVarintField(20, 3);
  } else if ('float' in value) {
    pbf!.writeFloatField(2, value.float);
    pbf!.writeVarintField(20, 1);
  } else {
    for (const item of value) pbf!.writeVarintField(8, item);
    pbf!.writeVarintField(20, 7);
  }
}

function writeValueInfo({ name, sizes, type = FLOAT }: Value, pbf?: PbfWriter): void {
  const writeDim = (size: string | number, inner?: PbfWriter): void => {
    if (typeof size === 'number') inner!.writeVarintField(1, size);
    else inner!.writeStringField(2, size);
  };
  const writeShape = (_: unknown, inner?: PbfWriter): void => {
    for (const size of sizes) inner!.writeMessage(1, writeDim, size);
  };
  const writeTensorType = (_: unknown, inner?: PbfWriter): void => {
    inner!.writeVarintField(1, type);
    inner!.writeMessage(2, writeShape, undefined);
  };
  const writeType = (_: unknown, inner?: PbfWriter): void => {
    inner!.writeMessage(1, writeTensorType, undefined);
  };
  pbf!.writeStringField(1, name);
  pbf!.writeMessage(2, writeType, undefined);
}
