import { createStore, type StoreApi } from "zustand/vanilla";
import { type Family, findFamily } from "#checkpoints/manifest.ts";
import type { Cell, DrawingKey } from "#compare/cell.ts";
import type { ComparisonSettings } from "#compare/settings.ts";
import type { EngineEvent, PartName } from "#workers/protocol.ts";
import { type EngineRestarted, partStatus } from "../engine.ts";
import { type HashProblem, printHash } from "../hash.ts";
import { isHeavy } from "../loads.ts";
import type { PictureHost } from "../pictures.ts";
import type { Session } from "../session.ts";
import type { Store } from "../store.ts";
import { type Comparison, INITIAL_COMPARISON } from "./comparison.ts";
import type { ComparisonEvent } from "./events.ts";
import { createTakeAway, type TakeAway } from "./export/takeAway.ts";
import { COMPARE_CODEC, parseCompareHash, printCompareHash } from "./hash.ts";
import type { CompareHost } from "./host.ts";
import { createMeasuring } from "./measuring.ts";
import { comparisonReducer } from "./reducer.ts";
import { createSaved, type Saved } from "./saved/saved.ts";
import { nextMove, partsNeeded, type Sight } from "./schedule.ts";
import { type TimedPasses, timedPasses } from "./timedPasses.ts";

/** What comparisons need of the browser. */
export interface ComparisonHost extends CompareHost, PictureHost {
  readonly readHash: () => string;
  readonly writeHash: (hash: string) => void;
  readonly newId: () => string;
  readonly now: () => number;
}

const asEvent = (timed: TimedPasses): ComparisonEvent => ({ type: "passes-timed", ...timed });

/** What is said of a reference that lies outside the grid of its link. */
function referenceProblem(
  { reference: asked }: ComparisonSettings,
  { reference: taken }: ComparisonSettings,
): readonly HashProblem[] {
  const { key, print } = COMPARE_CODEC.reference;
  return print(asked) === print(taken) ? [] : [{ key, text: print(asked) }];
}

/** What the reader can do with a comparison. Every command returns at once; what follows arrives in the store. */
export interface Comparisons extends TakeAway, Saved {
  readonly store: Pick<StoreApi<Comparison>, "getState" | "getInitialState" | "subscribe">;
  /** The page is shown with the settings it has; what an address says is followed by `followHash`. */
  open(): void;
  /** The address has changed: shows what it says and, when it says anything, draws it. */
  followHash(): void;
  /** What is finished and still applies stays; a run that is under way goes on. */
  change(change: Partial<ComparisonSettings>): void;
  start(): void;
  /** Stops within one network evaluation; `resume` begins the interrupted stretch anew. */
  pause(): void;
  resume(): void;
  /** Stops like `pause`, for good: what is finished stays, the rest waits for another start. */
  cancel(): void;
  /** Lets everything go that has been drawn. */
  clear(): void;
  /** Tries a failed cell again, and what failed with it. */
  retry(key: DrawingKey): void;
  /** Agrees to download what a metered connection was spared. */
  agree(): void;
  /** Shows all cells at time t; null: the finished pictures. */
  scrub(t: number | null): void;
  /** The scrubber rests, and these cells are visible: their x̂1 is decoded in full. */
  rested(visible: readonly DrawingKey[]): void;
  openInGenerate(cell: Cell): void;
}

/** The Compare page without its looks. It shares the engine with the Generate page through `session`: one thing is sent at
 *  a time, so that a picture that is asked for there waits for no more than that.
 *  It may be made when the engine is long at work: what it has told by then is in `app`; timed: what it took. */
export function createComparisons(
  app: Store,
  session: Session,
  host: ComparisonHost,
  timed: readonly TimedPasses[] = [],
): Comparisons {
  const { getState, getInitialState, subscribe, setState } = createStore<Comparison>(
    () => INITIAL_COMPARISON,
  );
  const store = { getState, getInitialState, subscribe };
  const apply = (...events: readonly ComparisonEvent[]) =>
    setState((comparison) => events.reduce(comparisonReducer, comparison), true);
  const measuring = createMeasuring(getState, apply, host.measure);
  /** What the address is to be read for once the manifest is there. */
  let opening = true;
  let sight: Sight | null = null;

  const asks = (family: Family, part: PartName): boolean => {
    const { metered, preferences } = app.getState();
    return metered && !preferences.heavyAgreed && isHeavy(family, part);
  };

  function receive(events: readonly (EngineEvent | EngineRestarted)[]): void {
    const own = events.filter((event) => event.type !== "engine-restarted");
    apply(...events, ...timedPasses(own, app.getState()).map(asEvent));
    openAddress();
    advance();
    if (own.some(({ type }) => type === "decoded" || type === "described")) measuring.advance();
  }

  /** Does whatever can be done now, one thing after the other until the engine has something to do. */
  function advance(): void {
    for (;;) {
      const { engine, page } = app.getState();
      const move = nextMove(getState(), { engine, asks, sight, isShown: page === "compare" });
      switch (move.do) {
        case "send": {
          const job = session.newJob();
          apply({ type: "work-sent", work: move.work(job) });
          session.send(move.request(job));
          break;
        }
        case "load":
          for (const part of move.parts) session.load(getState().settings.family, part);
          break;
        case "change-run":
          apply({ type: "run-changed", run: move.run });
          break;
        case "nothing":
          return;
        default:
          move satisfies never;
      }
    }
  }

  /** Settles the comparison on a family that there is: on what the address says when it names this page. */
  function openAddress(): void {
    const { engine, page, settings } = app.getState();
    const { manifest } = engine;
    const [first] = manifest?.families ?? [];
    if (!opening || !manifest || !first) return;
    opening = false;
    const familyOf = (name: string | null) => findFamily(manifest, name ?? settings.family) ?? first;
    const hash = page === "compare" ? host.readHash() : "";
    const parsed = parseCompareHash(hash, familyOf);
    if (!parsed.explicit && getState().family) {
      // An address that names the page alone leads back to it.
      if (page === "compare") host.writeHash(printCompareHash(getState().settings));
      return;
    }
    apply({
      type: "comparison-changed",
      settings: parsed.settings,
      family: familyOf(parsed.settings.family),
    });
    const problems = [...parsed.problems, ...referenceProblem(parsed.settings, getState().settings)];
    if (problems.length > 0) session.notify({ kind: "link-problems", problems });
    if (page === "compare") host.writeHash(printCompareHash(getState().settings));
    if (parsed.explicit && getState().grid) start();
  }

  function stopUnit(): void {
    const { work } = getState();
    if (work?.kind === "unit") session.send({ type: "cancel", id: work.job });
  }

  function start(): void {
    const { family, run, grid } = getState();
    if (!family || !grid || run.status === "running" || run.status === "loading") return;
    apply({ type: "retried", key: null }, { type: "run-changed", run: { status: "running" } });
    for (const part of partsNeeded(getState(), family))
      if (partStatus(app.getState().engine, family.name, part).status === "failed")
        session.load(family.name, part);
    advance();
  }

  function change(changes: Partial<ComparisonSettings>): void {
    const { settings, family } = getState();
    const next = { ...settings, ...changes };
    const { manifest } = app.getState().engine;
    const nextFamily = (manifest && findFamily(manifest, next.family)) ?? family;
    apply({ type: "comparison-changed", settings: next, family: nextFamily });
    dropUnitThatIsNotNeeded();
    host.writeHash(printCompareHash(getState().settings));
    advance();
    measuring.advance();
  }

  /** A stretch that no cell shows any more need not be finished. */
  function dropUnitThatIsNotNeeded(): void {
    const { work, plan } = getState();
    if (work?.kind === "unit" && !work.unit.stretches.some(({ key }) => plan.stretches.has(key))) stopUnit();
  }

  session.onEvents(receive);
  apply(...timed.map(asEvent));
  const { backend } = app.getState().engine;
  if (backend) apply({ type: "backend", report: backend });
  openAddress();
  advance();

  return {
    store,
    open() {
      app.dispatch({ type: "page-opened", page: "compare" });
      host.writeHash(printCompareHash(getState().settings));
      advance();
    },
    followHash() {
      // A link to the page as it is starts nothing: it only leads back here.
      if (host.readHash() !== printCompareHash(getState().settings)) {
        opening = true;
        openAddress();
        dropUnitThatIsNotNeeded();
      }
      advance();
      measuring.advance();
    },
    change,
    start,
    pause() {
      const { status } = getState().run;
      if (status !== "running" && status !== "loading" && status !== "asks") return;
      apply({ type: "run-changed", run: { status: "paused" } });
      stopUnit();
    },
    resume: start,
    cancel() {
      apply({ type: "run-changed", run: { status: "idle" } });
      stopUnit();
    },
    clear() {
      stopUnit();
      sight = null;
      apply({ type: "run-changed", run: { status: "idle" } }, { type: "cleared" });
      host.measure.close();
    },
    retry(key) {
      apply({ type: "retried", key });
      start();
    },
    agree() {
      session.agreeToHeavy();
      advance();
    },
    scrub(t) {
      sight = null;
      apply({ type: "scrubbed", t });
    },
    rested(visible) {
      const { scrub } = getState();
      sight = scrub && { t: scrub.t, keys: visible };
      advance();
    },
    openInGenerate(cell) {
      const { settings } = getState();
      const { seed, className, model, tau, steps, solver, guidance } = cell.settings;
      const same = { family: settings.family, seed, className, model, tau, steps, solver, guidance };
      const picture = { ...same, count: 1, view: "one" } as const;
      host.pushHash(printHash(picture));
      app.dispatch({ type: "page-opened", page: "generate" });
      session.open(picture);
    },
    ...createTakeAway(getState, { ...host, notify: session.notify }),
    ...createSaved({
      database: host.comparisons,
      comparison: getState,
      open: (settings) => {
        change(settings);
        start();
      },
      manifest: () => app.getState().engine.manifest,
      newId: host.newId,
      now: host.now,
      notify: session.notify,
    }),
  };
}
