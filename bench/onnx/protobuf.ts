/** A message of Protocol Buffers as it is written: bytes that go behind one another. Source: protobuf.dev, "Encoding". */
export type Message = readonly Uint8Array[];

const VARINT = 0;
const LENGTH = 2;
const FIXED32 = 5;

/** An integer, also a negative one. */
export const integer = (field: number, value: number): Message => [varint(field * 8 + VARINT), varint(value)];

/** A float32. */
export const float = (field: number, value: number): Message => [
  varint(field * 8 + FIXED32),
  new Uint8Array(Float32Array.of(value).buffer),
];

/** Raw bytes. */
export const bytes = (field: number, value: Uint8Array): Message => [
  varint(field * 8 + LENGTH),
  varint(value.length),
  value,
];

/** Text, UTF-8. */
export const text = (field: number, value: string): Message => bytes(field, new TextEncoder().encode(value));

/** A message within a message. */
export const nested = (field: number, parts: readonly Message[]): Message => bytes(field, join(parts));

/** The bytes of a whole message. */
export function join(parts: readonly Message[]): Uint8Array {
  const all = parts.flat();
  const joined = new Uint8Array(all.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of all) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

function varint(value: number): Uint8Array {
  const digits: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value)); // negative ones in two's complement
  while (rest >= 128n) {
    digits.push(Number(rest % 128n) + 128);
    rest /= 128n;
  }
  return Uint8Array.from([...digits, Number(rest)]);
}
