import { crc32 } from "#bytes/crc32.ts";
import { fail, ok, type Result } from "#bytes/result.ts";

/** Arrays that a container holds, by name. */
export type Arrays = Readonly<
  Record<string, Float32Array | Float64Array | Int32Array | Uint32Array | Uint8Array>
>;

/** What a container says beside its arrays: anything that JSON can say. Numbers that are not finite become null. */
export interface Container<Head> {
  readonly head: Head;
  readonly arrays: Arrays;
}

export type ContainerError =
  | { readonly kind: "TooShort"; readonly bytes: number }
  | { readonly kind: "NotOurs" }
  | { readonly kind: "HeadDamaged" }
  | { readonly kind: "BodyDamaged" }
  | { readonly kind: "BodyTooShort"; readonly bytes: number; readonly expected: number };

/** "SFRUN" and the version of the layout. */
const MAGIC = Uint8Array.of(0x53, 0x46, 0x52, 0x55, 0x4e, 0, 0, 1);
/** Magic, length of the head and its CRC-32. */
export const PREFIX_BYTES = 16;

const KINDS = {
  f32: Float32Array,
  f64: Float64Array,
  i32: Int32Array,
  u32: Uint32Array,
  u8: Uint8Array,
} as const;
type Kind = keyof typeof KINDS;

interface Index {
  readonly arrays: readonly (readonly [name: string, kind: Kind, length: number])[];
  /** CRC-32 of all that follows the head. */
  readonly body: number;
}

/** A file as parts to be written one after the other: magic, u32 length and u32 CRC-32 of the head (little-endian), the head
 *  as JSON padded to 8 bytes, the arrays each padded to 8 bytes. Its numbers are the machine's, which are little-endian wherever
 *  browsers run. The parts are views on the arrays; nothing is copied. */
export function packContainer<Head>({ head, arrays }: Container<Head>): Uint8Array<ArrayBuffer>[] {
  const body: Uint8Array<ArrayBuffer>[] = [];
  const entries = Object.entries(arrays).map(([name, array]) => {
    const bytes = bytesOf(array);
    body.push(bytes, new Uint8Array(padding(bytes.length)));
    return [name, kindOf(array), array.length] as const;
  });
  const index: Index = { arrays: entries, body: body.reduce((crc, part) => crc32(part, crc), 0) };
  const text = new TextEncoder().encode(JSON.stringify({ index, head }));
  const padded = new Uint8Array(text.length + padding(text.length)).fill(0x20);
  padded.set(text);
  const prefix = new Uint8Array(PREFIX_BYTES);
  prefix.set(MAGIC);
  const view = new DataView(prefix.buffer);
  view.setUint32(8, padded.length, true);
  view.setUint32(12, crc32(padded), true);
  return [prefix, padded, ...body];
}

/** Bytes of a file from its first PREFIX_BYTES up to the end of its head, or an error. Total. */
export function headEnd(prefix: Uint8Array): Result<number, ContainerError> {
  if (prefix.length < PREFIX_BYTES) return fail({ kind: "TooShort", bytes: prefix.length });
  if (!MAGIC.every((byte, i) => prefix[i] === byte)) return fail({ kind: "NotOurs" });
  const length = new DataView(prefix.buffer, prefix.byteOffset).getUint32(8, true);
  return ok(PREFIX_BYTES + length);
}

/** The head of a file of which at least that much is given. Total: what the checksum does not fit is not looked at. */
export function readHead<Head>(bytes: Uint8Array): Result<Head, ContainerError> {
  const parsed = parseHead<Head>(bytes);
  return parsed.ok ? ok(parsed.value.head) : parsed;
}

/** A whole file. Total; the arrays are copies. */
export function readContainer<Head>(bytes: Uint8Array): Result<Container<Head>, ContainerError> {
  const parsed = parseHead<Head>(bytes);
  if (!parsed.ok) return parsed;
  const { head, index, end } = parsed.value;
  const arrays: Record<string, Arrays[string]> = {};
  let at = end;
  for (const [name, kind, length] of index.arrays) {
    const size = length * KINDS[kind].BYTES_PER_ELEMENT;
    if (at + size > bytes.length)
      return fail({ kind: "BodyTooShort", bytes: bytes.length, expected: at + size });
    arrays[name] = new KINDS[kind](bytes.slice(at, at + size).buffer);
    at += size + padding(size);
  }
  if (at > bytes.length) return fail({ kind: "BodyTooShort", bytes: bytes.length, expected: at });
  if (crc32(bytes.subarray(end, at)) !== index.body) return fail({ kind: "BodyDamaged" });
  return ok({ head, arrays });
}

function parseHead<Head>(
  bytes: Uint8Array,
): Result<{ head: Head; index: Index; end: number }, ContainerError> {
  const end = headEnd(bytes.subarray(0, PREFIX_BYTES));
  if (!end.ok) return end;
  if (end.value > bytes.length) return fail({ kind: "TooShort", bytes: bytes.length });
  const head = bytes.subarray(PREFIX_BYTES, end.value);
  if (crc32(head) !== new DataView(bytes.buffer, bytes.byteOffset).getUint32(12, true))
    return fail({ kind: "HeadDamaged" });
  // Ours alone writes these files, and the checksum says that they are as they were written.
  const parsed = JSON.parse(new TextDecoder().decode(head)) as { head: Head; index: Index };
  return ok({ ...parsed, end: end.value });
}

const padding = (bytes: number): number => -bytes & 7;

const bytesOf = ({ buffer, byteOffset, byteLength }: Arrays[string]): Uint8Array<ArrayBuffer> =>
  new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);

function kindOf(array: Arrays[string]): Kind {
  if (array instanceof Float32Array) return "f32";
  if (array instanceof Float64Array) return "f64";
  if (array instanceof Int32Array) return "i32";
  return array instanceof Uint32Array ? "u32" : "u8";
}
