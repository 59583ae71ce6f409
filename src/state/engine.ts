import { filesOf, type Manifest } from "#checkpoints/manifest.ts";
import { isPartName } from "#checkpoints/parts.ts";
import type {
  BackendReport,
  EngineError,
  EngineEvent,
  EngineState,
  JobId,
  PartName,
} from "#workers/protocol.ts";

/** How far a part of a family has come. */
export type PartStatus =
  | { readonly status: "absent" }
  | { readonly status: "requested" }
  | {
      readonly status: "downloading";
      readonly loadedBytes: number;
      readonly totalBytes: number;
      readonly fromCache: boolean;
    }
  | { readonly status: "loaded" }
  | { readonly status: "failed"; readonly error: EngineError };

interface Load {
  readonly family: string;
  readonly parts: readonly PartName[];
}

/** What the page knows of the engine: the sum of its events. */
export interface EngineView {
  readonly state: EngineState;
  readonly backend: BackendReport | null;
  readonly manifest: Manifest | null;
  /** Loads that have not closed yet. */
  readonly loads: Readonly<Record<JobId, Load>>;
  /** By partKey(family, part); a key that is missing is absent. */
  readonly parts: Readonly<Record<string, PartStatus>>;
}

export const INITIAL_ENGINE: EngineView = {
  state: { status: "probing" },
  backend: null,
  manifest: null,
  loads: {},
  parts: {},
};

/** The page's own step in the conversation: it asked for these parts. */
export interface LoadRequested {
  readonly type: "load-requested";
  readonly id: JobId;
  readonly family: string;
  readonly parts: readonly PartName[];
}

/** The page began anew with another backend: what the old engine had loaded is gone. */
export interface EngineRestarted {
  readonly type: "engine-restarted";
}

const ABSENT: PartStatus = { status: "absent" };

export const partKey = (family: string, part: PartName | "") => `${family}/${part}`;

export const partStatus = (engine: EngineView, family: string, part: PartName): PartStatus =>
  engine.parts[partKey(family, part)] ?? ABSENT;

const OWN_PARTS: readonly PartName[] = ["decoder", "light", "heavy"];

/** Parts of a family that have been asked for, whatever became of them: those that every family has, then others. */
export function partsAsked(engine: EngineView, family: string): readonly PartName[] {
  const asked = Object.keys(engine.parts)
    .filter((key) => key.startsWith(partKey(family, "")))
    .map((key) => key.slice(partKey(family, "").length))
    .filter(isPartName);
  return [
    ...OWN_PARTS.filter((part) => asked.includes(part)),
    ...asked.filter((part) => !OWN_PARTS.includes(part)),
  ];
}

export const missingParts = (
  engine: EngineView,
  family: string,
  wanted: readonly PartName[],
): readonly PartName[] => wanted.filter((part) => partStatus(engine, family, part).status !== "loaded");

/** Sets the parts of an open load and, unless `open`, closes it. A part that is loaded stays loaded. */
function settle(engine: EngineView, id: JobId, to: PartStatus, open = false): EngineView {
  const load = engine.loads[id];
  if (!load) return engine;
  const changed = load.parts
    .map((part) => partKey(load.family, part))
    .filter((key) => engine.parts[key]?.status !== "loaded")
    .map((key) => [key, to] as const);
  const loads = open
    ? engine.loads
    : Object.fromEntries(Object.entries(engine.loads).filter(([key]) => Number(key) !== id));
  return { ...engine, loads, parts: { ...engine.parts, ...Object.fromEntries(changed) } };
}

/** The parts that the manifest has: a model of the reader's own that is gone is no longer loaded. */
const partsIn = ({ families }: Manifest, parts: EngineView["parts"]): EngineView["parts"] =>
  Object.fromEntries(
    Object.entries(parts).filter(([key]) => {
      const family = families.find(({ name }) => key.startsWith(partKey(name, "")));
      return family && filesOf(family, key.slice(partKey(family.name, "").length)) !== undefined;
    }),
  );

/** Pure; events that do not concern the engine's own state pass through unchanged. */
export function engineReducer(
  engine: EngineView,
  event: EngineEvent | LoadRequested | EngineRestarted,
): EngineView {
  switch (event.type) {
    case "engine-restarted":
      return { ...INITIAL_ENGINE, manifest: engine.manifest };
    case "state":
      return { ...engine, state: event.state };
    case "backend":
      return { ...engine, backend: event.report };
    case "manifest":
      return { ...engine, manifest: event.manifest, parts: partsIn(event.manifest, engine.parts) };
    case "load-requested": {
      const { id, family, parts } = event;
      return settle(
        { ...engine, loads: { ...engine.loads, [id]: { family, parts } } },
        id,
        { status: "requested" },
        true,
      );
    }
    case "download": {
      const load = engine.loads[event.id];
      if (!load) return engine;
      const key = partKey(load.family, event.part);
      if (engine.parts[key]?.status === "loaded") return engine;
      const { loadedBytes, totalBytes, fromCache } = event;
      return {
        ...engine,
        parts: { ...engine.parts, [key]: { status: "downloading", loadedBytes, totalBytes, fromCache } },
      };
    }
    case "loaded":
      return settle(engine, event.id, { status: "loaded" });
    case "cancelled":
      return settle(engine, event.id, { status: "absent" });
    case "failed":
      return settle(engine, event.id, { status: "failed", error: event.error });
    case "step":
    case "preview":
    case "image":
    case "recorded":
    case "integrated":
    case "decoded":
    case "described":
    case "done":
    case "warning":
      return engine;
    default:
      return event satisfies never;
  }
}
