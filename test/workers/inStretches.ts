import { choiceOf } from "#checkpoints/modelText.ts";
import { uniformGrid } from "#flow/grid.ts";
import { evaluationPlan } from "#flow/plan.ts";
import type { Drawing, EngineEvent, ImageRequest, IntegrateJob } from "#workers/protocol.ts";
import type { JobEvent, testEngine } from "./testEngine.ts";

type TestEngine = Awaited<ReturnType<typeof testEngine>>;
export type Integrated = Extract<EngineEvent, { type: "integrated" }>;
export type Decoded = Extract<EngineEvent, { type: "decoded" }>;

/** How the tiny family's cells of a comparison are drawn. */
export const tinyDrawing = (changes: Partial<Drawing> = {}): Drawing => ({
  model: "c2f",
  tau: 0.7,
  steps: 11,
  solver: "euler",
  guidance: 1.5,
  ...changes,
});

/** The whole trajectory of seed 3, class 1. */
export const tinyStretch = (changes: Partial<IntegrateJob> = {}): IntegrateJob => ({
  family: "tiny",
  ...tinyDrawing(),
  from: 0,
  to: 10,
  starts: [{ seed: 3, label: 1, x: null }],
  record: [],
  ...changes,
});

/** The closing event, which must be that of a stretch. */
export function integrated(closing: JobEvent | undefined): Integrated {
  if (closing?.type !== "integrated") throw new Error(JSON.stringify(closing));
  return closing;
}

/** Step at which a trajectory of two models first asks the second one; the number of steps when it never does. */
export function switchStep({ model, tau, steps, solver }: Drawing): number {
  const choice = choiceOf(model);
  const plan = evaluationPlan({ tau, solver, grid: uniformGrid(steps), choice });
  const second = choice === "heavyFirst" ? "light" : "heavy";
  const cut = plan.steps.findIndex(({ evaluations }) => evaluations.some((e) => e.served === second));
  return cut < 0 ? plan.steps.length : cut;
}

/** A picture by two models as a comparison draws it: the first one alone up to the switch, or on to `trunkEnd` for the
 *  sake of other pictures, then the rest from the state that was recorded at the switch, then the decoder. Uses the job
 *  ids `id` to `id` + 2. nfe: all that were spent. */
export async function drawInStretches(
  t: TestEngine,
  id: number,
  how: Drawing,
  image: ImageRequest,
  trunkEnd = switchStep(how),
): Promise<{ latent: ArrayBuffer; decoded: Decoded; nfe: Integrated["nfe"] }> {
  const [, light = "light"] = how.model.split(":");
  const cut = switchStep(how);
  const end = how.steps - 1;
  const nfe = { light: 0, heavy: 0 };
  async function integrate(part: number, changes: Partial<IntegrateJob>): Promise<readonly JobEvent[]> {
    const job = tinyStretch({ ...how, starts: [{ ...image, x: null }], ...changes });
    const { own, closing } = await t.serve({ type: "integrate", id: id + part, job });
    nfe.light += integrated(closing).nfe.light;
    nfe.heavy += integrated(closing).nfe.heavy;
    return own;
  }
  let x: ArrayBuffer | null = null;
  if (cut > 0) {
    const trunk = await integrate(0, { model: light, to: trunkEnd, record: [cut - 1] });
    for (const event of trunk) if (event.type === "recorded") [x] = event.states;
  }
  if (cut < end) {
    const branch = await integrate(1, { from: cut, to: end, starts: [{ ...image, x }] });
    [x] = integrated(branch.at(-1)).states;
  }
  if (!x) throw new Error("no state came back");
  const items = [{ latent: x, cell: { ...how, ...image } }];
  const { own } = await t.serve({
    type: "decode",
    id: id + 2,
    job: { family: "tiny", model: how.model, items },
  });
  const decoded = own.find((event) => event.type === "decoded");
  if (!decoded) throw new Error(JSON.stringify(own));
  return { latent: x, decoded, nfe };
}
