import { sha256Hex } from "#bytes/sha256.ts";
import type { ByteFiles } from "#files/byteFiles.ts";
import { twoSlots } from "#files/twoSlots.ts";
import type { Attachment, DatasetId } from "./dataset.ts";
import { newDatasetId } from "./datasetId.ts";
import { PIECE_BYTES, piece } from "./pieces.ts";
import { DatasetStoreError } from "./storeError.ts";

/** Where the bytes of a key are: in pieces under `place`, which no other writing shares. */
interface Head extends Attachment {
  readonly place: string;
}

/** What is kept with a data set. Pieces are written first, then a head that names their place; what an older head named is
 *  removed last, and swept with the next writing when it could not be. */
export interface Attachments {
  list(): Promise<readonly Attachment[]>;
  read(key: string, from?: number, to?: number): Promise<Uint8Array<ArrayBuffer> | null>;
  write(key: string, bytes: Uint8Array): Promise<void>;
  remove(key: string): Promise<void>;
}

const LONGEST_KEY = 200;

/** The attachments of data set `id`. */
export function attachmentsOf(files: ByteFiles, id: DatasetId): Attachments {
  const root = `${id}/attached/`;
  /** File names have limits that keys do not know: 32 hex digits of the key's hash stand for it. */
  const folderOf = async (key: string): Promise<string> => {
    if (key === "" || key.length > LONGEST_KEY)
      throw new RangeError(`a key of ${key.length} characters; 1 … ${LONGEST_KEY} are allowed`);
    return `${root}${(await sha256Hex(new TextEncoder().encode(key))).slice(0, 32)}/`;
  };
  const headIn = (folder: string) => twoSlots<Head>(files, `${folder}head`);

  return {
    async list() {
      const folders = new Set(
        (await files.list(root)).map(({ name }) => name.slice(0, name.indexOf("/", root.length) + 1)),
      );
      const heads = await Promise.all([...folders].map((folder) => headIn(folder).head()));
      return heads.filter((head) => head !== null).map(({ key, bytes }) => ({ key, bytes }));
    },
    async read(key, from = 0, to) {
      const folder = await folderOf(key);
      const head = await headIn(folder).head();
      if (!head) return null;
      const end = Math.min(to ?? head.bytes, head.bytes);
      const out = new Uint8Array(Math.max(0, end - from));
      for (let at = from; at < end; ) {
        const n = Math.floor(at / PIECE_BYTES);
        const stop = Math.min(end, (n + 1) * PIECE_BYTES);
        const read = await files.read(
          piece(folder + head.place, n),
          at - n * PIECE_BYTES,
          stop - n * PIECE_BYTES,
        );
        if (read?.length !== stop - at)
          throw new DatasetStoreError({ kind: "Damaged", id, detail: `piece ${n} of ${key} is not whole` });
        out.set(read, at - from);
        at = stop;
      }
      return out;
    },
    async write(key, bytes) {
      const folder = await folderOf(key);
      const place = newDatasetId();
      for (let n = 0; n * PIECE_BYTES < bytes.length; n++)
        await files.write(piece(folder + place, n), [
          Uint8Array.from(bytes.subarray(n * PIECE_BYTES, (n + 1) * PIECE_BYTES)),
        ]);
      await headIn(folder).write({ head: { key, bytes: bytes.length, place }, arrays: {} });
      const old = (await files.list(folder)).filter(
        ({ name }) => !name.startsWith(`${folder}head`) && !name.startsWith(`${folder}${place}/`),
      );
      for (const { name } of old) await files.remove(name);
    },
    async remove(key) {
      const folder = await folderOf(key);
      await files.remove(`${folder}head`);
      await files.remove(folder);
    },
  };
}
