import type { ByteFiles } from "./byteFiles.ts";
import {
  type Container,
  headEnd,
  PREFIX_BYTES,
  packContainer,
  readContainer,
  readHead,
} from "./container.ts";

/** A file that survives being cut off while it is written: two slots take turns, and the newer one that is whole counts. */
export interface TwoSlots<Head> {
  /** Head of the newest whole-headed slot, without its arrays; null when there is none. */
  head(): Promise<Head | null>;
  /** The newest slot that is whole; null when no writing was ever finished, "damaged" when none of two is whole. */
  read(): Promise<Container<Head> | null | "damaged">;
  /** Writes into the slot that does not hold the newest; gives the bytes written. */
  write(container: Container<Head>): Promise<number>;
}

interface Numbered<Head> {
  /** 1 for the first writing. */
  readonly turn: number;
  readonly head: Head;
}

const SLOTS = [0, 1] as const;
type Slot = (typeof SLOTS)[number];

/** The two slots `${name}.0` and `${name}.1`. One writer at a time: its lock is the caller's. Methods reject as those of
 *  ByteFiles do. */
export function twoSlots<Head>(files: ByteFiles, name: string): TwoSlots<Head> {
  const fileOf = (slot: Slot): string => `${name}.${slot}`;
  /** What this writer last wrote or read whole; others are damaged, older or empty. */
  let newest: { readonly slot: Slot; readonly turn: number } | null = null;

  async function headOf(slot: Slot): Promise<Numbered<Head> | null> {
    const prefix = await files.read(fileOf(slot), 0, PREFIX_BYTES);
    const end = prefix && headEnd(prefix);
    if (!end?.ok) return null;
    const bytes = await files.read(fileOf(slot), 0, end.value);
    const head = bytes && readHead<Numbered<Head>>(bytes);
    return head?.ok ? head.value : null;
  }

  /** Slots with a readable head, newest first. */
  async function byAge(): Promise<readonly { readonly slot: Slot; readonly is: Numbered<Head> }[]> {
    const found: { slot: Slot; is: Numbered<Head> }[] = [];
    for (const slot of SLOTS) {
      const is = await headOf(slot);
      if (is) found.push({ slot, is });
    }
    return found.sort((a, b) => b.is.turn - a.is.turn);
  }

  async function read(): Promise<Container<Head> | null | "damaged"> {
    for (const { slot, is } of await byAge()) {
      const bytes = await files.read(fileOf(slot));
      const whole = bytes && readContainer<Numbered<Head>>(bytes);
      if (!whole?.ok) continue;
      newest = { slot, turn: is.turn };
      return { head: whole.value.head.head, arrays: whole.value.arrays };
    }
    // The second slot is written after the first is whole: one by itself was cut off at the very first writing.
    return (await files.list(`${name}.`)).length > 1 ? "damaged" : null;
  }

  return {
    async head() {
      return (await byAge())[0]?.is.head ?? null;
    },
    read,
    async write({ head, arrays }) {
      if (!newest) await read(); // which slot is whole is known from its bytes alone
      const slot: Slot = newest?.slot === 0 ? 1 : 0;
      const turn = (newest?.turn ?? 0) + 1;
      const parts = packContainer({ head: { turn, head }, arrays });
      await files.write(fileOf(slot), parts);
      newest = { slot, turn };
      return parts.reduce((sum, part) => sum + part.length, 0);
    },
  };
}
