import type { Family, FileEntry } from "#checkpoints/manifest.ts";
import type { PartName } from "../protocol.ts";

/** Where weights come from. */
export interface Fetching {
  /** Bytes of a part's files; its download is told. Throws as FetchFiles. */
  fetch(part: PartName | "encoder", files: readonly FileEntry[]): Promise<Uint8Array[]>;
}

export interface Families {
  /** A family with the reader's own models in it. Throws EngineFailure UnknownFamily. */
  family(name: string): Promise<Family>;
}
