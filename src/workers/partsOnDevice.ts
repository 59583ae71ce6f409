import { filesOf, type Manifest, type PartName } from "#checkpoints/manifest.ts";
import { orAborted } from "./abortable.ts";
import { disposeResidents, familyOf, loadPart, type Residents } from "./residents.ts";
import type { FetchFiles } from "./weightFiles.ts";

type Progress = (loadedBytes: number, totalBytes: number, fromCache: boolean) => void;

interface PlacedPart {
  readonly family: string;
  readonly part: PartName;
}

/** The parts of a manifest's families that are on the device. */
export interface PartsOnDevice {
  of(family: string): Readonly<Residents>;
  /** Puts a part on the device unless it is there already. A part that is on its way is waited for rather than fetched a
   *  second time. Throws as `loadPart`. */
  load(family: string, part: PartName, onProgress: Progress, signal: AbortSignal): Promise<void>;
  /** Takes off the models that `manifest` no longer has, and loads from it from now on. Not while a job draws. */
  follow(manifest: Manifest): void;
  /** Takes everything off, and says what it was. */
  clear(): readonly PlacedPart[];
  /** Takes everything off, also what still arrives. */
  close(): void;
}

export function createPartsOnDevice(first: Manifest, fetchFiles: FetchFiles): PartsOnDevice {
  let manifest = first;
  const families = new Map<string, Residents>();
  /** By family and part. */
  const arriving = new Map<string, Promise<void>>();
  let closed = false;

  async function place(family: string, part: PartName, onProgress: Progress, signal: AbortSignal) {
    const loaded = await loadPart(familyOf(manifest, family), part, fetchFiles, onProgress, signal);
    if (closed) disposeResidents(loaded);
    else families.set(family, { ...families.get(family), ...loaded });
  }

  function clear(): readonly PlacedPart[] {
    const placed: PlacedPart[] = [];
    for (const [family, residents] of families) {
      for (const part of Object.keys(residents) as PartName[]) placed.push({ family, part });
      disposeResidents(residents);
    }
    families.clear();
    return placed;
  }

  return {
    of: (family) => families.get(family) ?? {},
    async load(family, part, onProgress, signal) {
      const key = `${family}/${part}`;
      for (let other = arriving.get(key); other; other = arriving.get(key)) {
        await orAborted(
          other.catch(() => {}), // whoever asked for it is told
          signal,
        );
      }
      if (families.get(family)?.[part]) return;
      const arrival = place(family, part, onProgress, signal);
      arriving.set(key, arrival);
      try {
        await arrival;
      } finally {
        arriving.delete(key);
      }
    },
    follow(next) {
      manifest = next;
      for (const [family, residents] of families) {
        const gone = (Object.keys(residents) as PartName[]).filter(
          (part) => filesOf(familyOf(next, family), part) === undefined,
        );
        const left = { ...residents };
        for (const part of gone) {
          left[part]?.dispose();
          delete left[part];
        }
        families.set(family, left);
      }
    },
    clear,
    close() {
      closed = true;
      clear();
    },
  };
}
