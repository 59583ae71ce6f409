import { findModel } from "#checkpoints/manifest.ts";
import { keptCount } from "#scoring/keptCount.ts";
import { selectAtRandom } from "#scoring/randomSelections.ts";
import type { TrainerClient } from "#workers/trainerClient.ts";
import type { ScoreJob, SelectJob } from "#workers/trainerProtocol.ts";
import type { Choice, Override } from "./choice.ts";
import { className } from "./classTargets.ts";
import type { FinetuneContext } from "./context.ts";
import { type ChoiceName, CRITERIA, type Evidence } from "./criteria.ts";
import { selectionCsv, selectionJson } from "./exportSelection.ts";
import type { Finetune, OpenSet } from "./finetune.ts";
import { jaccardTable } from "./jaccard.ts";
import { proxyOf } from "./proxy.ts";
import { missingFor } from "./scores.ts";

/** What the reader can do about which pictures matter. */
export interface Measuring {
  /** The set is another one: chooses anew, and looks up what was measured of it. */
  setOpened(): void;
  /** The manifest is there: what had to wait for it is done. */
  familiesCame(): void;
  /** Measures what of this is not there yet; what was paused goes on. */
  measure(wanted: readonly Evidence[]): void;
  pauseMeasuring(): void;
  cancelMeasuring(): void;
  choose(change: Partial<Pick<Choice, "criterion" | "ratio" | "seed">>): void;
  /** Looks at the pictures with another network; what was measured with it before is looked up. */
  lookWith(features: Choice["features"]): void;
  /** null: as the criterion says. */
  override(indices: readonly number[], wish: Override | null): void;
  /** Asks every criterion that can answer what it keeps at the chosen ratio, and compares them pair by pair. */
  compareCriteria(): void;
  exportSelection(as: "csv" | "json"): void;
}

/** Noises, probes and clusters of every scoring: one set of random numbers, so that scores of different days agree. */
const SEED = 0;

/** Attachments of a data set that hold what was measured of its pictures. */
const isMeasured = (key: string): boolean => /^(scores|features|dominance) /.test(key);

/** Nothing is asked twice. */
const KEPT_ANSWERS = 400;

export function createMeasuring({
  store,
  host,
  apply,
  applySoon,
  trainer,
  familyFor,
}: FinetuneContext): Measuring {
  const { getState } = store;
  type Scoring = ReturnType<TrainerClient["score"]>;
  let scoring: Scoring | null = null;
  /** What criteria kept, by evidence and question. */
  const answers = new Map<string, Uint32Array>();
  let asking = false;
  /** Rises with every comparison that is begun, so that an older one notices. */
  let comparison = 0;

  async function score(wanted: readonly Evidence[]): Promise<void> {
    const { set, choice, scoring: now } = getState();
    const family = set && familyFor(set.record.imageSize);
    if (!set || !family || now.run.status === "running") return;
    const known = family.classes.map(({ name }) => name);
    const job: ScoreJob = {
      dataset: set.record.id,
      family: family.name,
      proxy: proxyOf(family)?.name ?? "light",
      features:
        choice.features === "embedding"
          ? { kind: "embedding" }
          : { kind: "model", model: findModel(family, "heavy") ? "heavy" : "light" },
      labels: set.record.classes.map(({ name }) => {
        const label = known.indexOf(name);
        return label >= 0 ? label : null;
      }),
      measure: {
        loss: wanted.includes("loss"),
        gradient: wanted.includes("gradient"),
        features: wanted.includes("features"),
        dominance: wanted.includes("dominance"),
      },
      seed: SEED,
    };
    apply({ type: "scoring-began", wanted, at: host.now() });
    const running = trainer().score(job, (event) =>
      applySoon({ type: "scoring-progress", event, at: host.now() }),
    );
    scoring = running;
    const result = await running.done;
    if (scoring !== running) return;
    scoring = null;
    if (result.ok) {
      answers.clear();
      apply({ type: "scored", event: result.value });
      select();
    } else if (result.error.kind === "Failed") apply({ type: "scoring-failed", error: result.error.error });
    else apply({ type: result.error.kind === "Paused" ? "scoring-paused" : "scoring-cancelled" });
  }

  /** Looks up what was measured of the set before; measures nothing, and starts no trainer for a set that nothing was measured of. */
  async function recall(): Promise<void> {
    const { set } = getState();
    if (!set) return;
    try {
      const stored = await host.datasets.open(set.record.id);
      const attached = (await stored?.attachments()) ?? [];
      if (isOpen(set) && attached.some(({ key }) => isMeasured(key))) await score([]);
    } catch {
      // What cannot be looked up can be measured.
    }
  }

  /** What a criterion keeps; null when it cannot be told. */
  async function answer(criterion: Exclude<ChoiceName, "all">, ratio: number, seed: number) {
    const { set, scoring: now } = getState();
    if (criterion === "random" && set) return byChance(set.record.count, ratio, seed);
    const { scores } = now;
    if (!scores || missingFor(criterion, scores).length > 0) return null;
    const key = `${scores.evidence} ${criterion} ${ratio} ${seed}`;
    const there = answers.get(key);
    if (there) return there;
    const job: SelectJob = { evidence: scores.evidence, criterion, ratio, seed };
    const result = await trainer().select(job).done;
    if (!result.ok) {
      if (result.error.kind === "Failed")
        apply({ type: "problem", problem: { kind: "trainer", error: result.error.error } });
      return null;
    }
    const kept = new Uint32Array(result.value.kept);
    if (answers.size >= KEPT_ANSWERS) answers.clear();
    answers.set(key, kept);
    return kept;
  }

  const isOpen = (set: OpenSet): boolean => getState().set?.record.id === set.record.id;

  /** Brings the selection up to what is chosen; one question at a time, the newest next. */
  function select(): void {
    if (asking) return;
    asking = true;
    void settle();
  }

  async function settle(): Promise<void> {
    for (;;) {
      const asked = getState();
      const { set } = asked;
      const { criterion, ratio, seed } = asked.choice;
      if (!set) break;
      const kept = criterion === "all" ? everything(set.record.count) : await answer(criterion, ratio, seed);
      if (isOpen(set)) apply({ type: "selected", selection: kept && { criterion, ratio, seed, kept } });
      if (isSameQuestion(getState(), asked)) break;
    }
    asking = false; // in the turn in which the last question was looked at: none is lost
  }

  async function compare(): Promise<void> {
    const turn = ++comparison;
    const { choice, scoring: now } = getState();
    const { ratio, seed } = choice;
    const { scores } = now;
    if (!scores) return;
    const criteria = CRITERIA.filter((criterion) => missingFor(criterion, scores).length === 0);
    const selections: Uint32Array[] = [];
    for (const criterion of criteria) {
      const kept = await answer(criterion, ratio, seed);
      if (turn !== comparison) return;
      selections.push(kept ?? new Uint32Array());
    }
    for await (const jaccard of jaccardTable(selections, scores.samples, host.pause)) {
      if (turn !== comparison) return;
      apply({ type: "agreement-changed", agreement: { ratio, criteria, jaccard } });
    }
  }

  return {
    setOpened() {
      scoring?.cancel();
      scoring = null;
      comparison++;
      select();
      void recall();
    },
    familiesCame() {
      if (!getState().scoring.scores) void recall();
    },
    measure: (wanted) => void score(wanted),
    pauseMeasuring() {
      apply({ type: "scoring-pausing" });
      scoring?.pause();
    },
    cancelMeasuring: () => scoring?.cancel(),
    choose(change) {
      apply({ type: "choice-changed", change });
      select();
    },
    lookWith(features) {
      if (features === getState().choice.features) return;
      scoring?.cancel();
      scoring = null;
      apply({ type: "scoring-cleared" }, { type: "choice-changed", change: { features } });
      select();
      void recall();
    },
    override: (indices, wish) => apply({ type: "overridden", indices, wish }),
    exportSelection(as) {
      const state = getState();
      const text = as === "csv" ? selectionCsv(state) : selectionJson(state);
      if (text === null || !state.set) return;
      const name = `${className(state.set.record.name)}-${state.choice.criterion}.${as}`;
      host.saveFile(name, new Blob([text], { type: as === "csv" ? "text/csv" : "application/json" }));
    },
    compareCriteria: () => void compare(),
  };
}

/** What chance keeps needs nothing to be measured, so nobody is asked. */
const byChance = (count: number, ratio: number, seed: number): Uint32Array =>
  selectAtRandom(count, keptCount(count, ratio), seed).sort();

const everything = (count: number) => Uint32Array.from({ length: count }, (_, index) => index);

const isSameQuestion = (a: Finetune, b: Finetune): boolean =>
  a.set?.record.id === b.set?.record.id &&
  a.scoring.scores === b.scoring.scores &&
  a.choice.criterion === b.choice.criterion &&
  a.choice.ratio === b.choice.ratio &&
  a.choice.seed === b.choice.seed;
