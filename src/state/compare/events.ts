import type { Family } from "#checkpoints/manifest.ts";
import type { DrawingKey } from "#compare/cell.ts";
import type { ComparisonSettings } from "#compare/settings.ts";
import type { EngineEvent } from "#workers/protocol.ts";
import type { EngineRestarted } from "../engine.ts";
import type { CellNumbers, LineSimilarity, NoiseFloor, RunState, Work } from "./comparison.ts";

/** Everything that can happen to a comparison, from the engine, from the reader, and from measuring. */
export type ComparisonEvent =
  | EngineEvent
  | EngineRestarted
  | {
      readonly type: "comparison-changed";
      readonly settings: ComparisonSettings;
      readonly family: Family | null;
    }
  | { readonly type: "run-changed"; readonly run: RunState }
  | { readonly type: "work-sent"; readonly work: Work }
  /** Network passes of one start that were timed elsewhere on this backend. */
  | { readonly type: "passes-timed"; readonly model: string; readonly passes: number; readonly ms: number }
  | {
      readonly type: "cells-measured";
      /** For every cell with this drawing that is compared with that one. */
      readonly measured: readonly { readonly key: DrawingKey; readonly numbers: CellNumbers }[];
    }
  | {
      readonly type: "lines-measured";
      readonly lines: readonly LineSimilarity[];
      readonly noiseFloor: NoiseFloor | null;
    }
  | { readonly type: "scrubbed"; readonly t: number | null }
  /** What failed is tried again. */
  | { readonly type: "retried"; readonly key: DrawingKey | null }
  | { readonly type: "cleared" };
