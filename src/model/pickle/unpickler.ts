import { corrupt, quote, unsafe, unsupported } from '../fault.js';
import { ByteReader, narrow } from './byte-reader.js';
import { isForbidden } from './forbidden.js';
import {
  PickleDict,
  PickleGlobal,
  PickleObject,
  PickleSet,
  PickleTuple,
  type PickleValue,
} from './values.js';

export interface UnpickleOptions {
  /** Name of the file, for messages. */
  readonly label: string;
  /**
   * Make data for `callee(*args)` where the callee is known to be data; undefined leaves an inert record.
   * The only code that a stream can reach, and it is ours.
   */
  readonly build: (callee: PickleGlobal, args: readonly PickleValue[]) => PickleValue | undefined;
  /** Resolve a persistent id: how torch refers to a storage. */
  readonly resolve: (id: PickleValue) => PickleValue;
}

const MAX_BYTES = 64 << 20;
/** A checkpoint of this family takes some ten thousand; each may allocate a small object. */
const MAX_OPCODES = 500_000;
const MARK = Symbol('mark');

/**
 * Read one pickle (protocols 0 to 5) as data. Nothing is imported, called or instantiated: globals stay
 * names, REDUCE, NEWOBJ, INST, OBJ and BUILD only record their parts. The stream is read by a loop over a
 * stack of its own, so that nesting costs no recursion, and the number of opcodes is bounded.
 *
 * Throws `model-unsafe` for a name that only an attack would use, `model-corrupt` for a broken stream,
 * `model-unsupported` for opcodes that weights never need.
 */
export function unpickle(bytes: Uint8Array, options: UnpickleOptions): PickleValue {
  const { label } = options;
  if (bytes.length > MAX_BYTES) throw unsafe(label, `a pickle of ${bytes.length} bytes`);
  return new Unpickler(bytes, options).run();
}

class Unpickler {
  private readonly reader: ByteReader;
  private readonly stack: (PickleValue | typeof MARK)[] = [];
  private readonly memo = new Map<number, PickleValue>();

  constructor(
    bytes: Uint8Array,
    private readonly options: UnpickleOptions,
  ) {
    this.reader = new ByteReader(bytes, (what) => corrupt(options.label, `the pickle is damaged: ${what}`));
  }

  run(): PickleValue {
    for (let count = 0; count < MAX_OPCODES; count++) {
      const opcode = this.reader.uint8();
      if (opcode === 0x2e) return this.pop();
      if (
        !this.constant(opcode) &&
        !this.container(opcode) &&
        !this.memoOrStack(opcode) &&
        !this.object(opcode)
      ) {
        const name = `0x${opcode.toString(16).padStart(2, '0')}`;
        throw unsupported(this.options.label, `pickle opcode ${name} is not used by files of weights`);
      }
    }
    throw unsafe(this.options.label, `a pickle of more than ${MAX_OPCODES} steps`);
  }

  /** Opcodes that push one value read from the stream. */
  private constant(opcode: number): boolean {
    const { reader } = this;
    switch (String.fromCharCode(opcode)) {
      case 'N':
        return this.push(null);
      case '\x88':
        return this.push(true);
      case '\x89':
        return this.push(false);
      case 'K':
        return this.push(reader.uint8());
      case 'M':
        return this.push(reader.uint16());
      case 'J':
        return this.push(reader.int32());
      case 'G':
        return this.push(reader.float64());
      case '\x8a':
        return this.push(reader.long(reader.uint8()));
      case '\x8b':
        return this.push(reader.long(reader.uint32()));
      case 'I':
        return this.push(this.integerLine());
      case 'L':
        return this.push(this.integerLine());
      case 'F':
        return this.push(Number(reader.line()));
      case 'X':
        return this.push(reader.text(reader.uint32()));
      case '\x8c':
        return this.push(reader.text(reader.uint8()));
      case '\x8d':
        return this.push(reader.text(reader.uint64()));
      case 'T':
        return this.push(reader.text(reader.uint32(), 'latin1'));
      case 'U':
        return this.push(reader.text(reader.uint8(), 'latin1'));
      case 'V':
        return this.push(reader.line());
      case 'S':
        return this.push(reader.line().replace(/^(['"])(.*)\1$/, '$2'));
      case 'B':
        return this.push(reader.take(reader.uint32()));
      case 'C':
        return this.push(reader.take(reader.uint8()));
      case '\x8e':
      case '\x96':
        return this.push(reader.take(reader.uint64()));
      default:
        return false;
    }
  }

  /** Opcodes that make or fill lists, tuples, dicts and sets. */
  private container(opcode: number): boolean {
    switch (String.fromCharCode(opcode)) {
      case ']':
        return this.push([]);
      case ')':
        return this.push(new PickleTuple([]));
      case '}':
        return this.push(new PickleDict());
      case '\x8f':
        return this.push(new PickleSet());
      case 'l':
        return this.push(this.popMark());
      case 't':
        return this.push(new PickleTuple(this.popMark()));
      case '\x85':
      case '\x86':
      case '\x87':
        return this.push(new PickleTuple(this.popMany(opcode - 0x84)));
      case '\x91': {
        const items = this.popMark();
        const set = new PickleSet();
        this.append(set, items);
        return this.push(set);
      }
      case 'd': {
        const items = this.popMark();
        const dict = new PickleDict();
        this.setItems(dict, items);
        return this.push(dict);
      }
      case 'a': {
        const item = this.pop();
        return this.append(this.top(), [item]);
      }
      case 'e':
      case '\x90': {
        const items = this.popMark();
        return this.append(this.top(), items);
      }
      case 's': {
        const pair = this.popMany(2);
        return this.setItems(this.top(), pair);
      }
      case 'u': {
        const items = this.popMark();
        return this.setItems(this.top(), items);
      }
      default:
        return false;
    }
  }

  /** Opcodes that move values between the stack and the memo, and those that mean nothing to us. */
  private memoOrStack(opcode: number): boolean {
    const { reader } = this;
    switch (String.fromCharCode(opcode)) {
      case '\x80': {
        const protocol = reader.uint8();
        if (protocol > 5)
          throw unsupported(this.options.label, `pickle protocol ${protocol}; expected 5 or less`);
        return true;
      }
      case '\x95':
        reader.uint64();
        return true;
      case '(':
        this.stack.push(MARK);
        return true;
      case '0':
        this.stack.pop();
        return true;
      case '1':
        this.popMark();
        return true;
      case '2':
        return this.push(this.top());
      case 'p':
        return this.remember(Number(reader.line()));
      case 'q':
        return this.remember(reader.uint8());
      case 'r':
        return this.remember(reader.uint32());
      case '\x94':
        return this.remember(this.memo.size);
      case 'g':
        return this.recall(Number(reader.line()));
      case 'h':
        return this.recall(reader.uint8());
      case 'j':
        return this.recall(reader.uint32());
      default:
        return false;
    }
  }

  /** Opcodes by which a stream would name classes and functions, and have them called. */
  private object(opcode: number): boolean {
    const { reader } = this;
    switch (String.fromCharCode(opcode)) {
      case 'c':
        return this.push(this.global(reader.line(), reader.line()));
      case '\x93': {
        const [module, name] = this.popMany(2);
        if (typeof module !== 'string' || typeof name !== 'string')
          throw reader.fail('a global without a name');
        return this.push(this.global(module, name));
      }
      case 'P':
        return this.push(this.options.resolve(reader.line()));
      case 'Q':
        return this.push(this.options.resolve(this.pop()));
      case 'R':
      case '\x81': {
        const [callee, args] = this.popMany(2);
        return this.push(this.call(callee!, args!));
      }
      case '\x92': {
        const [callee, args, named] = this.popMany(3);
        const made = new PickleObject(callee!, args!);
        made.state = named!;
        return this.push(made);
      }
      case 'i': {
        const callee = this.global(reader.line(), reader.line());
        return this.push(this.call(callee, new PickleTuple(this.popMark())));
      }
      case 'o': {
        const [callee, ...args] = this.popMark();
        if (callee === undefined) throw reader.fail('an object without a class');
        return this.push(this.call(callee, new PickleTuple(args)));
      }
      case 'b': {
        const state = this.pop();
        const target = this.top();
        // Attributes of plain data (the `_metadata` of a state dict) say nothing about the weights.
        if (target instanceof PickleObject) target.state = state;
        return true;
      }
      default:
        return false;
    }
  }

  private global(module: string, name: string): PickleGlobal {
    if (isForbidden(module, name)) {
      throw unsafe(this.options.label, `the file asks to run ${quote(`${module}.${name}`)}`);
    }
    return new PickleGlobal(module, name);
  }

  private call(callee: PickleValue, args: PickleValue): PickleValue {
    if (callee instanceof PickleGlobal && args instanceof PickleTuple) {
      const built = this.options.build(callee, args.items);
      if (built !== undefined) return built;
    }
    return new PickleObject(callee, args);
  }

  private append(target: PickleValue, items: readonly PickleValue[]): true {
    const list =
      target instanceof PickleObject ? target.appended : target instanceof PickleSet ? target.items : target;
    if (!Array.isArray(list)) throw this.reader.fail('an item is added to what is no list');
    for (const item of items) list.push(item);
    return true;
  }

  private setItems(target: PickleValue, items: readonly PickleValue[]): true {
    if (items.length % 2 !== 0) throw this.reader.fail('a key without a value');
    if (!(target instanceof PickleDict || target instanceof PickleObject)) {
      throw this.reader.fail('a key is set on what is no dict');
    }
    for (let i = 0; i < items.length; i += 2) target.entries.set(items[i]!, items[i + 1]!);
    return true;
  }

  private integerLine(): PickleValue {
    const text = this.reader.line();
    if (text === '00') return false;
    if (text === '01') return true;
    const digits = /^(-?\d{1,2400})L?$/.exec(text);
    if (!digits) throw this.reader.fail(`the integer ${quote(text)}`);
    return narrow(BigInt(digits[1]!));
  }

  private push(value: PickleValue): true {
    this.stack.push(value);
    return true;
  }

  private top(): PickleValue {
    const value = this.stack.at(-1);
    if (value === undefined || value === MARK) throw this.reader.fail('a value is missing');
    return value;
  }

  private pop(): PickleValue {
    const value = this.top();
    this.stack.pop();
    return value;
  }

  private popMany(count: number): PickleValue[] {
    const values: PickleValue[] = [];
    for (let i = 0; i < count; i++) values.push(this.pop());
    return values.reverse();
  }

  private popMark(): PickleValue[] {
    const mark = this.stack.lastIndexOf(MARK);
    if (mark < 0) throw this.reader.fail('a mark is missing');
    const values = this.stack.splice(mark) as PickleValue[];
    values.shift();
    return values;
  }

  private remember(index: number): true {
    if (!Number.isSafeInteger(index) || index < 0) throw this.reader.fail('a memo without a number');
    this.memo.set(index, this.top());
    return true;
  }

  private recall(index: number): true {
    const value = this.memo.get(index);
    if (value === undefined) throw this.reader.fail(`memo ${index} was never set`);
    return this.push(value);
  }
}
