import { describe, expect, test } from "vitest";
import type { ByteFiles } from "#files/byteFiles.ts";
import { memoryFiles } from "#files/memoryFiles.ts";
import { twoSlots } from "#files/twoSlots.ts";

const content = (value: number) => ({
  head: { value },
  arrays: { numbers: Float32Array.of(value, value, value) },
});

/** Files whose next writing lacks its last `missing` bytes. */
function cutBefore(files: ByteFiles, missing: number): ByteFiles {
  return {
    ...files,
    async write(name, parts) {
      const whole = Uint8Array.from(Buffer.concat(parts));
      await files.write(name, [whole.slice(0, Math.max(0, whole.length - missing))]);
      throw new Error("cut off");
    },
  };
}

describe("a file of two slots", () => {
  test("gives the newest of many writings, to a new reader too", async () => {
    const files = memoryFiles();
    const slots = twoSlots<{ value: number }>(files, "x");
    expect(await slots.read()).toBeNull();
    for (let value = 1; value <= 5; value++) await slots.write(content(value));
    expect(await slots.read()).toEqual(content(5));
    expect(await twoSlots(files, "x").read()).toEqual(content(5));
    expect(await twoSlots(files, "x").head()).toEqual({ value: 5 });
    expect(await files.list("")).toHaveLength(2);
  });

  test("cut off at any byte of a writing has the one before, and the next writing is whole", async () => {
    const { bytes } = (await written(2)).list;
    for (let missing = 1; missing <= bytes; missing += 7) {
      const { files } = await written(2);
      await expect(twoSlots(cutBefore(files, missing), "x").write(content(3))).rejects.toThrow("cut off");
      expect(await twoSlots(files, "x").read(), `without the last ${missing} bytes`).toEqual(content(2));
      await twoSlots(files, "x").write(content(4));
      expect(await twoSlots(files, "x").read()).toEqual(content(4));
    }
  });

  test("cut off at its first writing was never written", async () => {
    const files = memoryFiles();
    await expect(twoSlots(cutBefore(files, 20), "x").write(content(1))).rejects.toThrow("cut off");
    expect(await twoSlots(files, "x").read()).toBeNull();
  });

  test("both of whose slots are damaged says so", async () => {
    const { files } = await written(2);
    for (const { name, bytes } of await files.list("")) await files.write(name, [new Uint8Array(bytes)]);
    expect(await twoSlots(files, "x").read()).toBe("damaged");
  });
});

async function written(times: number) {
  const files = memoryFiles();
  const slots = twoSlots<{ value: number }>(files, "x");
  for (let value = 1; value <= times; value++) await slots.write(content(value));
  return { files, list: (await files.list(""))[0] };
}
