import { bytes, float, integer, join, type Message, nested, text } from "./protobuf.ts";

const FLOAT = 1;
const INT64 = 7;
const OPSET = 20; // Gelu came with it

/** What a node's attribute may hold. */
export type Attribute = number | string | readonly number[];

/** A graph of ONNX in the making. Source: onnx.proto of the ONNX project, and its operators' reference. */
export class OnnxGraph {
  private readonly nodes: Message[] = [];
  private readonly constants: Message[] = [];
  private readonly inputs: Message[] = [];
  private names = 0;

  /** Declares an input of that shape. Returns its name. */
  input(name: string, shape: readonly number[]): string {
    this.inputs.push(nested(11, valueInfo(name, shape)));
    return name;
  }

  /** A float32 constant. Returns its name. */
  constant(values: Float32Array, shape: readonly number[]): string {
    const raw = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    return this.tensor(FLOAT, raw, shape);
  }

  /** Whole numbers, for shapes. Returns their name. */
  integers(values: readonly number[]): string {
    return this.tensor(INT64, new Uint8Array(BigInt64Array.from(values, BigInt).buffer), [values.length]);
  }

  /** Adds an operator. Returns the names of its outputs. */
  several(
    operator: string,
    inputs: readonly string[],
    outputs: number,
    attributes: Record<string, Attribute> = {},
  ): string[] {
    const names = Array.from({ length: outputs }, () => this.newName());
    this.nodes.push(
      nested(1, [
        ...inputs.map((name) => text(1, name)),
        ...names.map((name) => text(2, name)),
        text(4, operator),
        ...Object.entries(attributes).map(([name, value]) => nested(5, attribute(name, value))),
      ]),
    );
    return names;
  }

  /** Adds an operator with one output. Returns its name. */
  node(operator: string, inputs: readonly string[], attributes: Record<string, Attribute> = {}): string {
    return this.several(operator, inputs, 1, attributes)[0];
  }

  /** The file of the model whose result is `output`. */
  model(output: string, shape: readonly number[]): Uint8Array {
    const graph = [
      ...this.nodes,
      text(2, "dit"),
      ...this.constants,
      ...this.inputs,
      nested(12, valueInfo(output, shape)),
    ];
    return join([integer(1, 9), nested(8, [text(1, ""), integer(2, OPSET)]), nested(7, graph)]);
  }

  private tensor(type: number, raw: Uint8Array, shape: readonly number[]): string {
    const name = this.newName();
    const dims = shape.map((size) => integer(1, size));
    this.constants.push(nested(5, [...dims, integer(2, type), text(8, name), bytes(9, raw)]));
    return name;
  }

  private newName(): string {
    return `v${this.names++}`;
  }
}

function valueInfo(name: string, shape: readonly number[]): Message[] {
  const dims = shape.map((size) => nested(1, [integer(1, size)]));
  return [text(1, name), nested(2, [nested(1, [integer(1, FLOAT), nested(2, dims)])])];
}

function attribute(name: string, value: Attribute): Message[] {
  if (typeof value === "string") return [text(1, name), text(4, value), integer(20, 3)];
  if (typeof value !== "number")
    return [text(1, name), ...value.map((each) => integer(8, each)), integer(20, 7)];
  return Number.isInteger(value)
    ? [text(1, name), integer(3, value), integer(20, 2)]
    : [text(1, name), float(2, value), integer(20, 1)];
}
