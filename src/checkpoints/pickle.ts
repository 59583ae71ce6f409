import { fail, ok, type Result } from "#bytes/result.ts";
import { decodeUtf8 } from "#bytes/utf8.ts";

/** What a pickle says, as inert data: nothing is looked up, built or called. */
export type PyValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PyList
  | PyTuple
  | PyDict
  | PyGlobal
  | PyCall
  | PyPersistent;
export type PyList = { readonly py: "list"; readonly items: PyValue[] };
export type PyTuple = { readonly py: "tuple"; readonly items: readonly PyValue[] };
export type PyDict = { readonly py: "dict"; readonly entries: Map<PyValue, PyValue> };
/** `module.name`, one of those that the reader allows. */
export type PyGlobal = { readonly py: "global"; readonly name: string };
/** A call that Python would make, with the items that it would then put into the result. */
export type PyCall = {
  readonly py: "call";
  readonly name: string;
  readonly args: readonly PyValue[];
  readonly entries: Map<PyValue, PyValue>;
};
/** A reference to something outside the pickle; torch: a storage. */
export type PyPersistent = { readonly py: "persistent"; readonly id: PyValue };

export type PickleError =
  | { kind: "PickleTruncated"; at: number }
  | { kind: "PickleDamaged"; at: number; detail: string }
  | { kind: "ProtocolRefused"; protocol: number }
  | { kind: "OpcodeRefused"; opcode: number; at: number }
  | { kind: "GlobalRefused"; name: string; at: number }
  | { kind: "CallRefused"; name: string; at: number };

/** What a pickle may name: "call" may be called too, "name" only be mentioned. */
export type AllowedGlobals = ReadonlyMap<string, "call" | "name">;

/** Python would recurse or run; this stops with the error as value. */
class Refusal extends Error {
  readonly error: PickleError;
  constructor(error: PickleError) {
    super(error.kind);
    this.error = error;
  }
}

/** Reads the opcodes of protocol 2 and 3 that torch writes. Total: returns for every byte string, never throws, runs
 *  nothing; every global that `allowed` does not list and every other opcode is refused by name, wherever it stands.
 *  Time and memory are proportional to `bytes`. Values may contain themselves: walk them with a bound.
 *  Source: CPython Lib/pickletools.py. */
export function readPickle(bytes: Uint8Array, allowed: AllowedGlobals): Result<PyValue, PickleError> {
  try {
    return ok(new PickleReader(bytes, allowed).run());
  } catch (error) {
    if (error instanceof Refusal) return fail(error.error);
    throw error;
  }
}

class PickleReader {
  private at = 0;
  private readonly stack: PyValue[] = [];
  private readonly marks: number[] = [];
  private readonly memo = new Map<number, PyValue>();
  private readonly view: DataView;
  private readonly bytes: Uint8Array;
  private readonly allowed: AllowedGlobals;

  constructor(bytes: Uint8Array, allowed: AllowedGlobals) {
    this.bytes = bytes;
    this.allowed = allowed;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  run(): PyValue {
    for (;;) {
      const start = this.at;
      const opcode = this.uint8();
      if (opcode === 0x2e) return this.pop(); // STOP
      if (!this.step(opcode)) throw new Refusal({ kind: "OpcodeRefused", opcode, at: start });
    }
  }

  /** One opcode; false when it is none of ours. */
  private step(opcode: number): boolean {
    switch (opcode) {
      case 0x80: // PROTO
        return this.protocol(this.uint8());
      case 0x28: // MARK
        this.marks.push(this.stack.length);
        return true;
      case 0x30: // POP
        this.pop();
        return true;
      case 0x31: // POP_MARK
        this.popMark();
        return true;
      case 0x4e: // NONE
        return this.push(null);
      case 0x88: // NEWTRUE
        return this.push(true);
      case 0x89: // NEWFALSE
        return this.push(false);
      case 0x4b: // BININT1
        return this.push(this.uint8());
      case 0x4d: // BININT2
        return this.push(this.view.getUint16(this.skip(2), true));
      case 0x4a: // BININT
        return this.push(this.view.getInt32(this.skip(4), true));
      case 0x8a: // LONG1
        return this.push(this.long(this.uint8()));
      case 0x47: // BINFLOAT, the one big-endian field
        return this.push(this.view.getFloat64(this.skip(8), false));
      case 0x58: // BINUNICODE
        return this.push(this.text(this.uint32()));
      case 0x54: // BINSTRING: bytes of a Python 2 str
        return this.push(this.text(this.uint32()));
      case 0x55: // SHORT_BINSTRING
        return this.push(this.text(this.uint8()));
      case 0x42: // BINBYTES
        return this.push(this.take(this.uint32()));
      case 0x43: // SHORT_BINBYTES
        return this.push(this.take(this.uint8()));
      case 0x5d: // EMPTY_LIST
        return this.push({ py: "list", items: [] });
      case 0x7d: // EMPTY_DICT
        return this.push({ py: "dict", entries: new Map() });
      case 0x29: // EMPTY_TUPLE
        return this.push({ py: "tuple", items: [] });
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: // TUPLE3
        return this.push({ py: "tuple", items: this.popMany(opcode - 0x84) });
      case 0x74: // TUPLE
        return this.push({ py: "tuple", items: this.popMark() });
      case 0x61: // APPEND
        return this.append([this.pop()]);
      case 0x65: // APPENDS
        return this.append(this.popMark());
      case 0x73: // SETITEM
        return this.setItems(this.popMany(2));
      case 0x75: // SETITEMS
        return this.setItems(this.popMark());
      case 0x71: // BINPUT
        return this.remember(this.uint8());
      case 0x72: // LONG_BINPUT
        return this.remember(this.uint32());
      case 0x68: // BINGET
        return this.recall(this.uint8());
      case 0x6a: // LONG_BINGET
        return this.recall(this.uint32());
      case 0x63: // GLOBAL
        return this.global();
      case 0x52: // REDUCE
      case 0x81: // NEWOBJ: the same to us, since nothing is called
        return this.call();
      case 0x62: // BUILD: attributes of a dict or a namespace, which nobody here reads
        this.pop();
        return this.top() !== undefined;
      case 0x51: // BINPERSID
        return this.push({ py: "persistent", id: this.pop() });
      default:
        return false;
    }
  }

  private protocol(protocol: number): true {
    if (protocol < 2 || protocol > 3) throw new Refusal({ kind: "ProtocolRefused", protocol });
    return true;
  }

  private global(): true {
    const start = this.at;
    const name = `${this.line()}.${this.line()}`;
    if (!this.allowed.has(name)) throw new Refusal({ kind: "GlobalRefused", name, at: start - 1 });
    return this.push({ py: "global", name });
  }

  private call(): true {
    const [callee, args] = this.popMany(2);
    if (!isTuple(args)) return this.damaged("a call without a tuple of arguments");
    if (!isGlobal(callee)) return this.damaged("a call of something that is no function");
    if (this.allowed.get(callee.name) !== "call")
      throw new Refusal({ kind: "CallRefused", name: callee.name, at: this.at - 1 });
    return this.push({ py: "call", name: callee.name, args: args.items, entries: new Map() });
  }

  private append(items: readonly PyValue[]): true {
    const list = this.top();
    if (!isList(list)) return this.damaged("an item for something that is no list");
    for (const item of items) list.items.push(item);
    return true;
  }

  private setItems(items: readonly PyValue[]): true {
    const target = this.top();
    if (!isDict(target) && !isCall(target)) return this.damaged("an entry for something that is no dict");
    if (items.length % 2 !== 0) return this.damaged("a key without a value");
    for (let i = 0; i < items.length; i += 2) target.entries.set(items[i], items[i + 1]);
    return true;
  }

  private remember(index: number): true {
    this.memo.set(index, this.top());
    return true;
  }

  private recall(index: number): true {
    const value = this.memo.get(index);
    return value === undefined ? this.damaged(`nothing was remembered as ${index}`) : this.push(value);
  }

  private push(value: PyValue): true {
    this.stack.push(value);
    return true;
  }

  /** Nothing below the last mark may be touched. */
  private popMany(count: number): PyValue[] {
    const from = this.stack.length - count;
    if (from < (this.marks.at(-1) ?? 0)) return this.damaged("the stack is empty");
    return this.stack.splice(from);
  }

  private pop(): PyValue {
    return this.popMany(1)[0];
  }

  private top(): PyValue {
    if (this.stack.length <= (this.marks.at(-1) ?? 0)) return this.damaged("the stack is empty");
    return this.stack[this.stack.length - 1];
  }

  private popMark(): PyValue[] {
    const from = this.marks.pop();
    return from === undefined ? this.damaged("no mark") : this.stack.splice(from);
  }

  private damaged(detail: string): never {
    throw new Refusal({ kind: "PickleDamaged", at: this.at, detail });
  }

  /** Moves on by `length` bytes, all of which are there, and returns where they start. */
  private skip(length: number): number {
    const start = this.at;
    if (length > this.bytes.length - start) throw new Refusal({ kind: "PickleTruncated", at: start });
    this.at += length;
    return start;
  }

  private take(length: number): Uint8Array {
    const start = this.skip(length);
    return this.bytes.subarray(start, start + length);
  }

  private uint8(): number {
    return this.view.getUint8(this.skip(1));
  }

  private uint32(): number {
    return this.view.getUint32(this.skip(4), true);
  }

  private text(length: number): string {
    return decodeUtf8(this.take(length)) ?? this.damaged("text is not UTF-8");
  }

  private line(): string {
    const end = this.bytes.indexOf(0x0a, this.at);
    if (end < 0) throw new Refusal({ kind: "PickleTruncated", at: this.at });
    const text = this.text(end - this.at);
    this.at = end + 1;
    return text;
  }

  /** A little-endian two's complement number of `length` ≤ 255 bytes. */
  private long(length: number): number | bigint {
    let value = 0n;
    for (const byte of this.take(length).toReversed()) value = (value << 8n) | BigInt(byte);
    const signed = BigInt.asIntN(8 * length, value);
    return Number.isSafeInteger(Number(signed)) ? Number(signed) : signed;
  }
}

const isObject = (
  value: PyValue | undefined,
): value is PyList | PyTuple | PyDict | PyGlobal | PyCall | PyPersistent =>
  typeof value === "object" && value !== null && !(value instanceof Uint8Array);
export const isList = (value: PyValue | undefined): value is PyList => isObject(value) && value.py === "list";
export const isTuple = (value: PyValue | undefined): value is PyTuple =>
  isObject(value) && value.py === "tuple";
export const isDict = (value: PyValue | undefined): value is PyDict => isObject(value) && value.py === "dict";
export const isGlobal = (value: PyValue | undefined): value is PyGlobal =>
  isObject(value) && value.py === "global";
export const isCall = (value: PyValue | undefined): value is PyCall => isObject(value) && value.py === "call";
export const isPersistent = (value: PyValue | undefined): value is PyPersistent =>
  isObject(value) && value.py === "persistent";

/** One sentence about an error of this file. */
export function describePickleError(error: PickleError): string {
  switch (error.kind) {
    case "PickleTruncated":
      return `The pickle ends in the middle, at byte ${error.at}.`;
    case "PickleDamaged":
      return `The pickle is damaged at byte ${error.at}: ${error.detail}.`;
    case "ProtocolRefused":
      return `The pickle is of protocol ${error.protocol}; 2 and 3 are read.`;
    case "OpcodeRefused":
      return `The pickle holds opcode 0x${error.opcode.toString(16)} at byte ${error.at}, which no weights need.`;
    case "GlobalRefused":
      return `The pickle asks for ${error.name}, which no weights need: it is refused, and nothing was run.`;
    case "CallRefused":
      return `The pickle calls ${error.name}, which is only a name: it is refused, and nothing was run.`;
  }
}
