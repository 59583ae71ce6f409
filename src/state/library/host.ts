import type { LibraryClient } from "#workers/libraryClient.ts";
import type { Room } from "./shelf.ts";

/** Downloaded weights in the browser's cache. Methods reject with the browser's own error. */
export interface WeightCache {
  /** sha256 of every file; null where the browser keeps none, as on plain http. */
  list(): Promise<readonly string[] | null>;
  /** Sizes added up. */
  bytes(sha256: readonly string[]): Promise<number>;
  remove(sha256: readonly string[]): Promise<void>;
}

/** What the Models page alone needs of the browser. */
export interface ShelfHost {
  readonly library: LibraryClient;
  readonly weights: WeightCache;
  /** null where the browser does not say. */
  readonly room: () => Promise<Room | null>;
  /** Asks the browser to keep what is stored even when its disk runs short. */
  readonly makeLasting: () => Promise<void>;
}
