import { labelOf } from "#checkpoints/classes.ts";
import type { Family } from "#checkpoints/manifest.ts";
import { chooseModels } from "#checkpoints/modelChoice.ts";
import type { ModelText } from "#checkpoints/modelText.ts";
import type { EngineConnection } from "#workers/client.ts";
import type {
  BackendChoice,
  EngineEvent,
  EngineRequest,
  EngineWarning,
  JobId,
  PartName,
} from "#workers/protocol.ts";
import { selectFamily } from "./app.ts";
import type { BackendWish } from "./backendWish.ts";
import { type BatchOrigin, createBatch, type FinishedImage } from "./batch.ts";
import { classesShown, classIn } from "./classes.ts";
import { type EngineRestarted, missingParts } from "./engine.ts";
import { parseHash, printHash } from "./hash.ts";
import { isHeavy, partsToRequest } from "./loads.ts";
import type { NoticeContent } from "./notices.ts";
import { jobOf, nextMove, partsOfModel } from "./schedule.ts";
import {
  DEFAULT_SETTINGS,
  type GenerateSettings,
  modelsShown,
  nextSeed,
  seedsOf,
  withModel,
} from "./settings.ts";
import type { Store } from "./store.ts";

/** What the session needs of the browser, so that a test can run it without one. */
export interface SessionHost {
  readonly connect: (onEvent: (event: EngineEvent) => void) => EngineConnection;
  readonly manifestUrl: string;
  readonly backend: BackendWish;
  /** Lets tests break the engine on purpose. */
  readonly faults: boolean;
  readonly readHash: () => string;
  readonly writeHash: (hash: string) => void;
  /** Calls `flush` before the next frame, or soon where no frames are drawn. */
  readonly beforeFrame: (flush: () => void) => void;
  readonly newId: () => string;
}

/** What the reader can do about pictures. Every command returns at once; what follows arrives in the store. */
export interface Session {
  /** Connects the engine and draws what the address says, or the first picture. */
  begin(): void;
  changeSettings(change: Partial<GenerateSettings>): void;
  /** Changes to another family, with the settings it does best with; the seed stays. */
  chooseFamily(name: string): void;
  /** Draws exactly these settings. */
  open(settings: GenerateSettings): void;
  /** Draws the settings. sideBySide: images sampled together, when the engine's own choice was too many. */
  generate(sideBySide?: number): void;
  cancel(): void;
  /** Keeps the light pictures instead of waiting for the heavy model. */
  keepDrafts(): void;
  retryDownload(part: PartName): void;
  agreeToHeavy(): void;
  /** Starts the engine again, on another backend or after it failed. */
  restart(backend: BackendChoice): void;
  /** The address has changed by hand. */
  followHash(): void;
  notify(content: NoticeContent): void;
  /** Asks for a part of any family, whatever became of an earlier request for it. */
  load(family: string, part: PartName): void;
  /** A number for a request that another part of the page sends. */
  newJob(): JobId;
  send(request: EngineRequest): void;
  /** Calls `listen` with the events of a frame, when the store has them, and when the engine is started anew. Another part of the page that has work for the
   *  engine follows it here. */
  onEvents(listen: (events: readonly (EngineEvent | EngineRestarted)[]) => void): void;
}

const FIRST_PICTURE: Partial<GenerateSettings> = { seed: 1, count: 1 };

const usualIn = (family: Family): Pick<GenerateSettings, "family" | "className"> => ({
  family: family.name,
  className: classIn(family, DEFAULT_SETTINGS.className, DEFAULT_SETTINGS),
});

/** The model by this text, or the family's usual one where it has none such. */
const modelIn = (family: Family, text: ModelText): ModelText =>
  chooseModels(family, text).ok ? text : family.defaults.model;

/** The one place where the page talks to the engine. Events are gathered and applied once a frame: sixty-four
 *  pictures send far more steps than can be seen. */
export function createSession(
  store: Store,
  host: SessionHost,
  onFinished: (images: readonly FinishedImage[]) => void,
): Session {
  let engine: EngineConnection | null = null;
  let lastJob: JobId = 0;
  let lastNotice = 0;
  let waiting: EngineEvent[] = [];
  const listeners: ((events: readonly (EngineEvent | EngineRestarted)[]) => void)[] = [];
  const warned = new Set<EngineWarning["kind"]>();
  /** A heavy part is requested in the next frame. */
  let heavyComes = false;
  /** What the next manifest is to start with; null once it has. */
  let opening: BatchOrigin | null = null;

  const { getState: app, dispatch } = store;
  const newJob = () => ++lastJob;
  const notify = (content: NoticeContent) =>
    dispatch({ type: "noticed", notice: { ...content, id: ++lastNotice } });

  /** Every file that a full disk cannot keep is a warning; the reader needs to be told once. */
  function warn(warning: EngineWarning): void {
    if (warned.has(warning.kind)) return;
    warned.add(warning.kind);
    notify({ kind: "weights-cache", warning });
  }

  function receive(event: EngineEvent): void {
    if (event.type === "warning") warn(event.warning);
    waiting.push(event);
    if (waiting.length === 1) host.beforeFrame(flush);
  }

  function flush(): void {
    const events = waiting;
    waiting = [];
    const before = app().batch;
    dispatch(...events);
    const known = new Set(
      before?.cells.flatMap((cell) => (cell.status === "finished" ? [cell.image.key] : [])),
    );
    const fresh = (app().batch?.cells ?? []).flatMap((cell) =>
      cell.status === "finished" && !known.has(cell.image.key) ? [cell.image] : [],
    );
    if (fresh.length > 0) onFinished(fresh);
    if (!opening && events.some(({ type }) => type === "manifest")) settleModel();
    advance();
    for (const listen of listeners) listen(events);
  }

  /** Asks for whatever can be asked for now: parts to load, the next run of the batch. */
  function advance(): void {
    if (!engine) return;
    openAddress();
    const wanted = partsToRequest(app());
    const family = selectFamily(app());
    for (const part of wanted) if (!family || !isHeavy(family, part)) requestPart(part);
    if (family && wanted.some((part) => isHeavy(family, part))) requestHeavyNextFrame();
    const { batch, engine: view } = app();
    const move = nextMove(batch, view);
    switch (move.do) {
      case "send": {
        const run = batch?.runs[move.run];
        if (!batch || !run) return;
        const id = newJob();
        dispatch({ type: "run-sent", run: move.run, job: id });
        engine.send({ type: "generate", id, job: jobOf(batch, run) });
        return;
      }
      case "cancel-draft":
        engine.send({ type: "cancel", id: move.job });
        return;
      case "skip-draft":
        dispatch({ type: "draft-skipped", run: move.run });
        advance();
        return;
      case "wait":
      case "nothing":
        return;
      default:
        move satisfies never;
    }
  }

  /** What was drawn just now is on the screen first. */
  function requestHeavyNextFrame(): void {
    if (heavyComes) return;
    heavyComes = true;
    host.beforeFrame(() => {
      heavyComes = false;
      const family = selectFamily(app());
      for (const part of partsToRequest(app())) if (family && isHeavy(family, part)) requestPart(part);
    });
  }

  /** When the manifest is there: settles the settings on a family it has, then draws without being asked. */
  function openAddress(): void {
    const { manifest } = app().engine;
    if (!opening || !manifest) return;
    const origin = opening;
    opening = null;
    const [first] = manifest.families;
    if (!first) return;
    if (app().page !== "generate") {
      dispatch({ type: "settings-changed", change: { ...first.defaults, ...usualIn(first) } });
      return;
    }
    // A link means the same whatever was on the page before it: what it leaves out is usual, not current.
    const parsed = (family: Family) =>
      parseHash(host.readHash(), {
        ...DEFAULT_SETTINGS,
        ...family.defaults,
        ...usualIn(family),
      });
    const named = parsed(first).settings.family;
    const known = manifest.families.find((one) => one.name === named);
    const family = known ?? first;
    const { explicit, settings, problems } = parsed(family);
    const wrong = known ? [...problems] : [...problems, { key: "family", text: named }];
    const model = modelIn(family, settings.model);
    if (model !== settings.model) wrong.push({ key: "model", text: settings.model });
    const className = classIn(family, settings.className, { ...settings, model });
    if (className !== settings.className) wrong.push({ key: "class", text: settings.className });
    const chosen = { className, ...withModel(settings, model) };
    const change = { ...settings, family: family.name, ...chosen, ...(explicit ? {} : FIRST_PICTURE) };
    dispatch({ type: "settings-changed", change });
    if (wrong.length > 0) notify({ kind: "link-problems", problems: wrong });
    draw(explicit ? "link" : origin);
  }

  function load(family: string, part: PartName): void {
    const id = newJob();
    dispatch({ type: "load-requested", id, family, parts: [part] });
    engine?.send({ type: "load", id, family, parts: [part] });
  }

  const requestPart = (part: PartName): void => load(app().settings.family, part);

  function draw(origin: BatchOrigin, sideBySide: number | null = null): void {
    const family = selectFamily(app());
    if (!family) return;
    cancel();
    const { settings, engine: view } = app();
    host.writeHash(printHash(settings));
    const classes = classesShown(family, settings);
    const classOfSeed = seedsOf(settings).map((seed) => {
      const label = labelOf(settings.className, seed, classes, family);
      return { label, name: classes[label] ?? String(label) };
    });
    const [model] = modelsShown(settings);
    const waits =
      settings.view === "one" &&
      !!model &&
      missingParts(view, family.name, partsOfModel(family, settings, model)).includes("heavy");
    const batch = createBatch(host.newId(), origin, settings, classOfSeed, waits, sideBySide);
    dispatch({ type: "batch-started", batch });
    advance();
  }

  function cancel(): void {
    const { batch } = app();
    if (batch?.state.status !== "active") return;
    for (const run of batch.runs) {
      if (run.status === "running" && run.job !== null) engine?.send({ type: "cancel", id: run.job });
    }
    dispatch({ type: "batch-cancelled" });
  }

  function changeSettings(wanted: Partial<GenerateSettings>): void {
    const change = withKnownClass(wanted);
    dispatch({ type: "settings-changed", change });
    const { batch, engine: view, settings } = app();
    // Until the manifest is here the link has not been read: the change joins it.
    const base = view.manifest ? settings : parseHash(host.readHash(), settings).settings;
    host.writeHash(printHash({ ...base, ...change }));
    // The first picture refines itself only while nobody has begun to choose.
    if (batch?.origin === "first-visit") dispatch({ type: "drafts-kept" });
    advance();
  }

  /** The change with a class that the models then shown can draw: another model may not know the one that was chosen. */
  function withKnownClass(change: Partial<GenerateSettings>): Partial<GenerateSettings> {
    const settings = { ...app().settings, ...change };
    const family = app().engine.manifest?.families.find(({ name }) => name === settings.family);
    if (!family) return change;
    const className = classIn(family, settings.className, settings);
    return className === settings.className ? change : { ...change, className };
  }

  /** The manifest has changed under the page: a model of the reader's own that is gone cannot stay chosen. */
  function settleModel(): void {
    const family = selectFamily(app());
    const { settings } = app();
    const model = family && modelIn(family, settings.model);
    if (model !== undefined && model !== settings.model) changeSettings(withModel(settings, model));
  }

  function generate(sideBySide?: number): void {
    const { settings, preferences, batch } = app();
    const drawn = batch?.settings.seed === settings.seed && batch.state.status !== "cancelled";
    if (!preferences.seedLocked && drawn && sideBySide === undefined) {
      dispatch({ type: "settings-changed", change: { seed: nextSeed(settings) } });
    }
    draw("request", sideBySide ?? null);
  }

  function begin(): void {
    opening = "first-visit";
    engine = host.connect(receive);
    const { choice, kernels, unknown, unknownKernels } = host.backend;
    if (unknown !== null) notify({ kind: "unknown-backend", text: unknown });
    if (unknownKernels !== null) notify({ kind: "unknown-kernels", text: unknownKernels });
    engine.send({
      type: "start",
      backend: choice,
      kernels,
      manifestUrl: host.manifestUrl,
      faults: host.faults,
    });
  }

  function restart(backend: BackendChoice): void {
    cancel();
    engine?.close();
    waiting = [];
    dispatch({ type: "engine-restarted" });
    for (const listen of listeners) listen([{ type: "engine-restarted" }]);
    opening = app().batch ? null : "first-visit";
    engine = host.connect(receive);
    engine.send({
      type: "start",
      backend,
      kernels: host.backend.kernels,
      manifestUrl: host.manifestUrl,
      faults: host.faults,
    });
  }

  return {
    begin,
    changeSettings,
    chooseFamily(name) {
      const family = app().engine.manifest?.families.find((one) => one.name === name);
      if (!family) return;
      const { className } = app().settings;
      changeSettings({
        family: name,
        ...family.defaults,
        className: classIn(family, className, { model: family.defaults.model, view: "one" }),
      });
    },
    open(settings) {
      dispatch({ type: "settings-changed", change: settings });
      draw("request");
    },
    generate,
    cancel,
    keepDrafts: () => dispatch({ type: "drafts-kept" }),
    retryDownload: requestPart,
    agreeToHeavy() {
      dispatch({ type: "preferences-changed", change: { heavyAgreed: true } });
      advance();
    },
    restart,
    followHash() {
      if (!app().engine.manifest) return;
      cancel();
      opening = "link";
      openAddress();
    },
    notify,
    load,
    newJob,
    send: (request) => engine?.send(request),
    onEvents: (listen) => {
      listeners.push(listen);
    },
  };
}
