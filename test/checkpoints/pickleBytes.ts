import { strToU8, type Zippable, zipSync } from "fflate";

/** Opcodes as bytes, one pickle after `PROTO 2` and before `STOP`. */
export const pickle = (...parts: readonly number[][]): Uint8Array =>
  Uint8Array.from([0x80, 2, ...parts.flat(), 0x2e]);

const uint32 = (n: number) => [n & 255, (n >> 8) & 255, (n >> 16) & 255, (n >>> 24) & 255];
export const text = (value: string): number[] => {
  const bytes = [...strToU8(value)];
  return [0x58, ...uint32(bytes.length), ...bytes];
};
/** A whole number, also a negative one. */
export const int = (n: number): number[] => [0x4a, ...uint32(n)];
export const tuple = (...items: readonly number[][]): number[] => [0x28, ...items.flat(), 0x74];
export const dict = (entries: Readonly<Record<string, number[]>>): number[] => [
  0x7d,
  0x28,
  ...Object.entries(entries).flatMap(([key, value]) => [...text(key), ...value]),
  0x75,
];
export const global = (module: string, name: string): number[] => [0x63, ...strToU8(`${module}\n${name}\n`)];
export const call = (callee: number[], ...args: readonly number[][]): number[] => [
  ...callee,
  ...tuple(...args),
  0x52,
];
export const none = [0x4e];
export const no = [0x89];

/** persistent id of a storage. */
export const storage = (key: string, elements: number, type = "FloatStorage"): number[] => [
  ...tuple(text("storage"), global("torch", type), text(key), text("cpu"), int(elements)),
  0x51,
];

/** A tensor that views a storage. */
export const tensor = (
  from: number[],
  shape: readonly number[],
  strides: readonly number[],
  offset = 0,
): number[] =>
  call(
    global("torch._utils", "_rebuild_tensor_v2"),
    from,
    int(offset),
    tuple(...shape.map(int)),
    tuple(...strides.map(int)),
    no,
    call(global("collections", "OrderedDict")),
  );

/** A .pt archive as torch.save makes it. */
export function torchFile(
  root: number[],
  storages: Readonly<Record<string, Uint8Array>> = {},
  more: Zippable = {},
  level: 0 | 9 = 0,
): Uint8Array {
  const files: Zippable = { "archive/data.pkl": pickle(root), "archive/version": strToU8("3\n"), ...more };
  for (const [key, bytes] of Object.entries(storages)) files[`archive/data/${key}`] = bytes;
  return zipSync(files, { level, mtime: "2020-01-01" });
}

export const floats = (...values: readonly number[]): Uint8Array =>
  new Uint8Array(Float32Array.from(values).buffer);
