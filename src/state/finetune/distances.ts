import { classesOf } from "#checkpoints/classes.ts";
import { type Family, findModel } from "#checkpoints/manifest.ts";
import type { RunPlan } from "#runs/run.ts";
import type { EngineError, EngineEvent, Picture } from "#workers/protocol.ts";
import type { SampleJob } from "#workers/trainerProtocol.ts";
import type { Session } from "../session.ts";
import { networkLabels } from "./classTargets.ts";
import type { FinetuneContext } from "./context.ts";
import { distanceOf, LEAST_PICTURES, picturesToDraw } from "./distance.ts";
import type { FinetuneProblem } from "./problem.ts";
import type { LiveRun } from "./training.ts";

/** What the reader can ask about distances to held-out pictures. */
export interface Distances {
  /** Draws with the run that is looked at, and with the one beside it, and measures how far that is from the pictures that neither
   *  has seen. */
  measureDistances(): void;
  /** The same, and nothing where too few pictures were held out, or the family has nothing to look at pictures with. */
  measureDistancesIfEnough(): void;
}

/** Seeds that no look has used. */
const FIRST_SEED = 10_001;
/** Pictures of one request: others get a turn in between. */
const AT_ONCE = 8;

/** Carries what stands in the way out of the measuring. */
class DistanceFailure extends Error {
  override readonly name = "DistanceFailure";
  constructor(readonly problem: FinetuneProblem) {
    super(problem.kind);
  }
}

const refuse = (detail: string): never => {
  throw new DistanceFailure({ kind: "trainer", error: { kind: "Internal", detail } });
};

export function createDistances(
  { store, host, apply, trainer, familyFor }: FinetuneContext,
  session: Pick<Session, "onEvents" | "send" | "newJob">,
): Distances {
  const { getState } = store;
  const waiting = new Map<number, (event: EngineEvent) => void>();
  let busy = false;
  session.onEvents((events) => {
    for (const event of events) if ("id" in event) waiting.get(event.id)?.(event);
  });

  /** Features of pictures by the family's embedding network. */
  function featuresOf(family: Family, pictures: readonly Picture[]): Promise<Float32Array[]> {
    const id = session.newJob();
    const found: Float32Array[] = [];
    return new Promise<Float32Array[]>((resolve, reject) => {
      const fail = (error: EngineError) => reject(new DistanceFailure({ kind: "trainer", error }));
      waiting.set(id, (event) => {
        if (event.type === "described" && event.embedding)
          found[event.index] = new Float32Array(event.embedding);
        else if (event.type === "done") resolve(found);
        else if (event.type === "failed") fail(event.error);
        else if (event.type === "cancelled")
          fail({ kind: "Internal", detail: "The engine was started anew." });
      });
      const images = pictures.map((picture) => ({ ...picture, label: null }));
      session.send({ type: "describe", id, job: { family: family.name, images, networks: ["embedding"] } });
    }).finally(() => waiting.delete(id));
  }

  async function heldOutPictures({ dataset, selection }: RunPlan): Promise<readonly Picture[]> {
    const stored = await host.datasets.open(dataset);
    if (!stored) throw new DistanceFailure({ kind: "set-missing", id: dataset });
    const { imageSize } = stored.record;
    const pictures: Picture[] = [];
    for (const index of selection.heldOut)
      pictures.push({ width: imageSize, height: imageSize, rgba: opaque(await stored.images(index, 1)) });
    return pictures;
  }

  /** Pictures by a run, of the classes of the held-out ones in turn. */
  async function drawnBy(
    { id, plan }: LiveRun,
    family: Family,
    labels: Uint16Array,
    count: number,
    tell: (done: number) => void,
  ): Promise<readonly Picture[]> {
    const known = classesOf(
      family,
      plan.base.kind === "model" ? [findModel(family, plan.base.model) ?? null] : [],
    );
    const network = networkLabels(plan.classes, known);
    const { heldOut } = plan.selection;
    const asked = Array.from({ length: count }, (_, i) => ({
      seed: FIRST_SEED + i,
      label: network[labels[heldOut[i % heldOut.length]]] ?? 0,
    }));
    const pictures: Picture[] = [];
    for (let from = 0; from < count; from += AT_ONCE) {
      const job: SampleJob = {
        run: id,
        pictures: asked.slice(from, from + AT_ONCE),
        drawing: plan.watch.drawing,
      };
      const result = await trainer().sample(job, (event) => {
        if (event.type === "pictures") pictures.push(...event.pictures);
      }).done;
      if (!result.ok)
        throw new DistanceFailure({
          kind: "trainer",
          error:
            result.error.kind === "Failed"
              ? result.error.error
              : { kind: "Internal", detail: "The drawing was cancelled." },
        });
      tell(Math.min(count, from + AT_ONCE));
    }
    return pictures;
  }

  async function measure(run: LiveRun, beside: LiveRun | null): Promise<void> {
    const { plan } = run;
    const stored = await host.datasets.open(plan.dataset);
    const family = stored && familyFor(stored.record.imageSize);
    if (!stored || !family) throw new DistanceFailure({ kind: "set-missing", id: plan.dataset });
    const embedding = family.features?.embedding;
    if (!embedding) return refuse(`The family ${family.name} has no embedding network.`);
    if (plan.selection.heldOut.length < LEAST_PICTURES)
      return refuse(
        `${plan.selection.heldOut.length} pictures were held out; ${LEAST_PICTURES} are the least.`,
      );
    const labels = await stored.labels();
    const real = await featuresOf(family, await heldOutPictures(plan));
    const count = picturesToDraw(real.length, real[0].length);
    const runs = beside ? [beside, run] : [run];
    for (const [place, one] of runs.entries()) {
      if (getState().distances.known.has(one.id)) continue;
      const tell = (done: number) =>
        apply({
          type: "distances-progress",
          done: place * count + done,
          of: runs.length * count,
          at: host.now(),
        });
      tell(0);
      const fake = await featuresOf(family, await drawnBy(one, family, labels, count, tell));
      apply({ type: "distance-measured", run: one.id, distance: distanceOf(real, fake) });
    }
  }

  async function start(): Promise<void> {
    const { run, against } = getState();
    if (!run || busy) return;
    busy = true;
    apply({ type: "distances-began", at: host.now() });
    try {
      await measure(run, against);
      apply({ type: "distances-ended", problem: null });
    } catch (cause) {
      const detail = cause instanceof Error ? cause.message : String(cause);
      const problem: FinetuneProblem =
        cause instanceof DistanceFailure
          ? cause.problem
          : { kind: "trainer", error: { kind: "Internal", detail } };
      apply({ type: "distances-ended", problem });
    } finally {
      busy = false;
    }
  }

  function isEnough(): boolean {
    const { run, set } = getState();
    const family = set && familyFor(set.record.imageSize);
    return (
      family?.features?.embedding !== undefined && (run?.plan.selection.heldOut.length ?? 0) >= LEAST_PICTURES
    );
  }

  return {
    measureDistances: () => void start(),
    measureDistancesIfEnough() {
      if (isEnough()) void start();
    },
  };
}

function opaque(rgb: Uint8Array): ArrayBuffer {
  const rgba = new Uint8Array((rgb.length / 3) * 4).fill(255);
  for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4)
    rgba.set(rgb.subarray(from, from + 3), to);
  return rgba.buffer;
}
