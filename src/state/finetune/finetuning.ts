import { createStore } from "zustand/vanilla";
import { type Family, findFamily } from "#checkpoints/manifest.ts";
import { storeProblem } from "#datasets/storeError.ts";
import type { TrainerClient } from "#workers/trainerClient.ts";
import type { Session } from "../session.ts";
import type { Store } from "../store.ts";
import type { FinetuneContext, FinetuningHost } from "./context.ts";
import { createDistances, type Distances } from "./distances.ts";
import { createEstimating, type Estimating } from "./estimating.ts";
import type { FinetuneEvent } from "./events.ts";
import { type Finetune, INITIAL_FINETUNE, type Step } from "./finetune.ts";
import { parseFinetuneHash, printFinetuneHash } from "./hash.ts";
import { createImports, type Imports } from "./imports.ts";
import { createMeasuring, type Measuring } from "./measuring.ts";
import { createPictureCache, type PictureCache } from "./pictureCache.ts";
import { finetuneReducer } from "./reducer.ts";
import { parseRemembered, printRemembered, REMEMBERED_KEY, withChoice, withDistances } from "./remembered.ts";
import { createTraining, type Training } from "./runs.ts";
import { createSets, type Sets } from "./sets.ts";
import { paceOf, TRAIN_SETTING_NAMES, type TrainSettings, usualSettings } from "./trainSettings.ts";

/** What the reader can do on the Fine-tune page. Every command returns at once; what follows arrives in the store. */
export interface Finetuning
  extends Sets,
    Imports,
    Omit<Measuring, "setOpened" | "familiesCame">,
    Omit<Distances, "measureDistancesIfEnough">,
    Estimating,
    Training,
    Pick<FinetuneContext, "store" | "family" | "familyFor"> {
  /** Pictures of the set that is worked on; null without one. */
  pictures(): PictureCache | null;
  /** The address has changed. */
  followHash(): void;
  go(step: Step): void;
  dismissProblem(): void;
  /** Ends what is under way; storage is emptied by whoever asks for this. */
  forget(): void;
}

/** The Fine-tune page without its looks. What is under way goes on while other pages are shown. */
export function createFinetuning(
  app: Store,
  session: Pick<Session, "onEvents" | "send" | "newJob">,
  host: FinetuningHost,
): Finetuning {
  const { getState, getInitialState, subscribe, setState } = createStore<Finetune>(() => INITIAL_FINETUNE);
  const store = { getState, getInitialState, subscribe };
  let client: TrainerClient | null = null;
  let started = false;
  let waiting: FinetuneEvent[] = [];
  let remembered = parseRemembered(host.storage?.getItem(REMEMBERED_KEY) ?? null);

  const apply = (...events: readonly FinetuneEvent[]) => {
    flush();
    reduce(events);
  };
  const reduce = (events: readonly FinetuneEvent[]) =>
    setState((state) => events.reduce(finetuneReducer, state), true);

  function applySoon(event: FinetuneEvent): void {
    waiting.push(event);
    if (waiting.length === 1) host.beforeFrame(flush);
  }

  function flush(): void {
    const events = waiting;
    waiting = [];
    if (events.length > 0) reduce(events);
  }

  function trainer(): TrainerClient {
    client ??= host.connectTrainer((event) => {
      if (event.type === "backend") {
        const usual = getState().settings === INITIAL_FINETUNE.settings;
        apply({ type: "trainer-backend", backend: event.report });
        if (usual) apply({ type: "settings-changed", settings: usualSettings(paceOf(event.report)) });
      } else {
        if (event.state.status === "failed") started = false;
        apply({ type: "trainer-state", state: event.state });
      }
    });
    if (!started) {
      started = true;
      const backend = app.getState().engine.backend?.requested ?? host.backend.choice;
      client.start({
        backend,
        kernels: host.backend.kernels,
        manifestUrl: host.manifestUrl,
        faults: host.faults,
      });
    }
    return client;
  }

  function familyFor(imageSize: number): Family | null {
    const { engine, settings } = app.getState();
    const families = engine.manifest?.families.filter((family) => family.image_size === imageSize) ?? [];
    const chosen = engine.manifest && findFamily(engine.manifest, settings.family);
    return families.find((family) => family === chosen) ?? families[0] ?? null;
  }

  function family(): Family | null {
    const { engine, settings } = app.getState();
    const { manifest } = engine;
    return (manifest && findFamily(manifest, settings.family)) ?? manifest?.families[0] ?? null;
  }

  function modelsKnown(names: readonly string[]): Promise<void> {
    const areKnown = () => {
      const models = app.getState().engine.manifest?.families.flatMap((one) => one.models);
      return models !== undefined && names.every((name) => models.some((model) => model.name === name));
    };
    return new Promise((resolve) => {
      if (areKnown()) {
        resolve();
        return;
      }
      const end = app.subscribe(() => {
        if (!areKnown()) return;
        end();
        resolve();
      });
    });
  }

  const context: FinetuneContext = {
    store,
    host,
    apply,
    applySoon,
    trainer,
    modelsKnown,
    family,
    familyFor,
  };
  const measuring = createMeasuring(context);
  let cache: PictureCache | null = null;
  const { listSets, ...sets } = createSets(context, () => {
    const { set } = getState();
    cache = set && createPictureCache(host.datasets, set.record, readFailed);
    const chosen = set && remembered.choices.get(set.record.id);
    if (chosen) apply({ type: "choice-changed", change: chosen });
    measuring.setOpened();
    writeAddress();
  });
  const imports = createImports(context, (id) => {
    listSets();
    sets.openSet(id);
  });
  const { cancelEstimate, ...estimating } = createEstimating(context);
  const distances = createDistances(context, session);
  const { listRuns, ...training } = createTraining(
    context,
    cancelEstimate,
    go,
    distances.measureDistancesIfEnough,
  );

  const readFailed = (cause: unknown) =>
    apply({ type: "problem", problem: { kind: "datasets", problem: storeProblem(cause) } });

  function remember(state: Finetune, before: Finetune): void {
    const { set, choice, settings: now, trainer, distances } = state;
    const isChosen = set !== null && choice !== before.choice && set === before.set;
    const isMeasured = distances.known !== before.distances.known;
    if (!isChosen && !isMeasured && now === before.settings) return;
    if (isMeasured) remembered = withDistances(remembered, distances.known);
    if (isChosen) remembered = withChoice(remembered, set.record.id, choice);
    // What is proposed for this device is not chosen: another device is proposed something else.
    if (now !== before.settings) remembered = { ...remembered, settings: isUsual(now, trainer) ? null : now };
    try {
      host.storage?.setItem(REMEMBERED_KEY, printRemembered(remembered));
    } catch {
      // Full or forbidden: what is chosen holds for this visit.
    }
  }

  function writeAddress(): void {
    if (app.getState().page !== "finetune") return;
    const { step, set } = getState();
    host.writeHash(printFinetuneHash({ step, set: set?.record.id ?? null }));
  }

  function go(step: Step): void {
    apply({ type: "step-opened", step });
    writeAddress();
  }

  function followHash(): void {
    const hash = host.readHash();
    // An address that names the page alone leads back to where it was left.
    if (!hash.includes("?")) {
      writeAddress();
      return;
    }
    const { step, set } = parseFinetuneHash(hash);
    apply({ type: "step-opened", step });
    if (set !== null) sets.openSet(set);
  }

  const { settings } = remembered;
  for (const [run, distance] of remembered.distances) apply({ type: "distance-measured", run, distance });
  if (settings) apply({ type: "settings-changed", settings });
  subscribe(remember);
  session.onEvents((events) => {
    if (events.some(({ type }) => type === "manifest")) measuring.familiesCame();
  });
  host.datasets.onChange(listSets);
  host.runs.onChange(listRuns);
  // What a killed tab has left is nobody's.
  void host.datasets.sweep().catch(() => {});
  listSets();
  listRuns();
  followHash();

  return {
    store,
    familyFor,
    family,
    pictures: () => cache,
    ...sets,
    ...imports,
    ...measuring,
    ...estimating,
    ...training,
    measureDistances: distances.measureDistances,
    followHash,
    go,
    dismissProblem: () => apply({ type: "problem", problem: null }),
    forget() {
      imports.cancelImport();
      client?.close();
      started = false;
      sets.openSet(null);
      apply({ type: "run-closed" });
    },
  };
}

function isUsual(settings: TrainSettings, { backend }: Finetune["trainer"]): boolean {
  const usual = usualSettings(paceOf(backend));
  return TRAIN_SETTING_NAMES.every((name) => settings[name] === usual[name]);
}
