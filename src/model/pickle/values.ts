/**
 * What a pickle stream becomes: plain data. Classes and functions that the stream names are only names
 * (`PickleGlobal`), and what it would build with them is a record of the parts (`PickleObject`).
 */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleValue[]
  | PickleTuple
  | PickleDict
  | PickleSet
  | PickleGlobal
  | PickleObject
  | PickleBuilt;

export class PickleTuple {
  constructor(readonly items: readonly PickleValue[]) {}
}

/** Keys compare as a JavaScript Map compares them: exactly for strings and numbers. */
export class PickleDict {
  readonly entries = new Map<PickleValue, PickleValue>();
}

export class PickleSet {
  readonly items: PickleValue[] = [];
}

/** `module.name`, never looked up. */
export class PickleGlobal {
  constructor(
    readonly module: string,
    readonly name: string,
  ) {}

  get path(): string {
    return `${this.module}.${this.name}`;
  }
}

/** The inert trace of a call or an instance: what was named, with which arguments, filled with what. */
export class PickleObject {
  readonly appended: PickleValue[] = [];
  readonly entries = new Map<PickleValue, PickleValue>();
  state: PickleValue = null;

  constructor(
    readonly callee: PickleValue,
    readonly args: PickleValue,
  ) {}
}

/** Base of the values that a reader itself makes for the few globals that it knows to be data. */
export abstract class PickleBuilt {
  abstract readonly kind: string;
}
