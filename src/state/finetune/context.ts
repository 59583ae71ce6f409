import type { StoreApi } from "zustand/vanilla";
import type { Family } from "#checkpoints/manifest.ts";
import type { TrainerClient } from "#workers/trainerClient.ts";
import type { PictureHost } from "../pictures.ts";
import type { SessionHost } from "../session.ts";
import type { FinetuneEvent } from "./events.ts";
import type { Finetune } from "./finetune.ts";
import type { FinetuneHost } from "./host.ts";

/** What the page's commands need of the browser. */
export interface FinetuningHost
  extends FinetuneHost,
    Pick<PictureHost, "saveFile" | "pause" | "address">,
    Pick<SessionHost, "manifestUrl" | "backend" | "faults" | "readHash" | "writeHash" | "beforeFrame"> {
  readonly storage: Pick<Storage, "getItem" | "setItem"> | null;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** What all commands of the page share. */
export interface FinetuneContext {
  readonly store: Pick<StoreApi<Finetune>, "getState" | "getInitialState" | "subscribe">;
  readonly host: FinetuningHost;
  apply(...events: readonly FinetuneEvent[]): void;
  /** Applies before the next frame, for what comes faster than it can be seen. */
  applySoon(event: FinetuneEvent): void;
  /** The trainer, started when it is first wanted, and anew after it failed. */
  trainer(): TrainerClient;
  /** Resolves when the page has its list of models, and these are in it; own models come there a moment after they are made. */
  modelsKnown(names: readonly string[]): Promise<void>;
  /** The family that is chosen, or the first; null before the manifest. */
  family(): Family | null;
  /** The family whose pictures have this size: the one that is chosen when it fits; null before the manifest, or when none
   *  does. */
  familyFor(imageSize: number): Family | null;
}
