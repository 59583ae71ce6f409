import { type Choice, INITIAL_CHOICE, type Override, withOverride } from "./choice.ts";
import type { FinetuneEvent } from "./events.ts";
import type { DistancesState, Finetune, OpenSet } from "./finetune.ts";
import { importingReducer } from "./importing.ts";
import { INITIAL_SCORING, scoringReducer } from "./scoring.ts";
import { beginStage, stageAfter } from "./stage.ts";
import { trainingReducer } from "./training.ts";

/** Pure: hands each event to the part of the state that it belongs to. */
export function finetuneReducer(state: Finetune, event: FinetuneEvent): Finetune {
  switch (event.type) {
    case "step-opened":
      return { ...state, step: event.step };
    case "sets-listed":
      return { ...state, sets: event.sets };
    case "set-opening":
      return { ...state, opening: event.id };
    case "set-opened":
      return withSet(state, event.set);
    case "set-renamed":
      return state.set && state.set.record.id === event.record.id
        ? { ...state, set: { ...state.set, record: event.record } }
        : state;
    case "choice-changed":
      return { ...state, choice: { ...state.choice, ...event.change } };
    case "overridden":
      return withOverrides(state, event.indices, event.wish);
    case "selected":
      return { ...state, selection: event.selection };
    case "agreement-changed":
      return { ...state, agreement: event.agreement };
    case "trainer-state":
      return { ...state, trainer: { ...state.trainer, state: event.state } };
    case "trainer-backend":
      return { ...state, trainer: { ...state.trainer, backend: event.backend } };
    case "settings-changed":
      return { ...state, settings: event.settings };
    case "targets-changed":
      return { ...state, targets: event.targets };
    case "estimate-began":
      return { ...state, estimate: { status: "running", of: event.of, stage: beginStage(event.at) } };
    case "estimate-progress":
      return state.estimate.status === "running"
        ? {
            ...state,
            estimate: { ...state.estimate, stage: stageAfter(state.estimate.stage, event.event, event.at) },
          }
        : state;
    case "estimated":
      return { ...state, estimate: event.estimate };
    case "runs-listed":
      return { ...state, runs: event.runs, locked: event.locked };
    case "against-changed":
      return { ...state, against: event.against };
    case "pair-changed":
      return { ...state, pair: event.pair };
    case "distances-began":
    case "distances-progress":
    case "distance-measured":
    case "distances-ended":
      return { ...state, distances: distancesReducer(state.distances, event) };
    case "problem":
      return { ...state, problem: event.problem };
    case "files-picked":
    case "pick-changed":
    case "files-previewed":
    case "import-began":
    case "import-progress":
    case "import-cancelling":
    case "import-failed":
    case "import-closed":
      return { ...state, importing: importingReducer(state.importing, event) };
    case "run-began":
    case "run-progress":
    case "run-wished":
    case "run-ended":
    case "run-closed":
      return {
        ...state,
        run: trainingReducer(state.run, event),
        // Another run has another partner.
        against: event.type === "run-began" && event.run.id !== state.run?.id ? null : state.against,
      };
    default:
      return { ...state, scoring: scoringReducer(state.scoring, event) };
  }
}

type DistancesEvent = Extract<FinetuneEvent, { type: `distance${string}` }>;

function distancesReducer(distances: DistancesState, event: DistancesEvent): DistancesState {
  switch (event.type) {
    case "distances-began":
      return {
        ...distances,
        stage: { done: 0, of: 0, from: 0, since: event.at, at: event.at },
        problem: null,
      };
    case "distances-progress": {
      const { done, of, at } = event;
      return distances.stage ? { ...distances, stage: { ...distances.stage, done, of, at } } : distances;
    }
    case "distance-measured":
      return { ...distances, known: new Map(distances.known).set(event.run, event.distance) };
    case "distances-ended":
      return { ...distances, stage: null, problem: event.problem };
    default:
      return event satisfies never;
  }
}

/** Another set: what was chosen and measured belonged to the old one. */
const withSet = (state: Finetune, set: OpenSet | null): Finetune => ({
  ...state,
  set,
  opening: null,
  scoring: INITIAL_SCORING,
  choice: INITIAL_CHOICE,
  selection: null,
  agreement: null,
  targets: null,
  estimate: { status: "none" },
});

function withOverrides(state: Finetune, indices: readonly number[], wish: Override | null): Finetune {
  const overrides = indices.reduce<Choice["overrides"]>(
    (all, index) => withOverride(all, index, wish),
    state.choice.overrides,
  );
  return { ...state, choice: { ...state.choice, overrides } };
}
