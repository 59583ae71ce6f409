import {
  grads,
  reshape,
  type Scalar,
  type Tensor,
  type Tensor4D,
  tensor1d,
  transpose,
} from "@tensorflow/tfjs-core";
import * as v from "valibot";
import { inversionGrid } from "#flow/grid.ts";
import { coarseToFineLoss, flowMatchingLoss, flowMatchingLossPerSample, seamLoss } from "#flow/losses.ts";
import { pointOnPath, score, targetVelocity, x1Hat } from "#flow/path.ts";
import { createDiT, ditForward, uploadDiT } from "#models/dit.ts";
import type { DiTConfig } from "#models/ditConfig.ts";
import { ditConfig, switchTime } from "../configs.ts";
import { inputOf, numbersOf, readConfig, tensorOf, weightsOf } from "../goldenCase.ts";
import { registerDiTGradients } from "../gradients.ts";
import { fromStates, fromTensor, type HostTensor, toStates } from "../hostTensor.ts";
import type { Kind } from "../kind.ts";
import { recordTrajectory } from "../trajectory.ts";

const schema = v.object({
  config: v.object({
    fine: ditConfig,
    coarse: ditConfig,
    t_split: switchTime,
    inversion_steps: v.pipe(v.number(), v.integer(), v.minValue(1)),
    seam_weight: v.number(),
  }),
});

/** Path, loss, score and data estimate of the heavy model; its inversion; and the loss of the light model for
 *  coarse-to-fine with the gradient for every weight. */
export const losses: Kind = async ({ golden, compare }) => {
  const { config } = readConfig(golden, schema);
  const fine = createDiT(config.fine, weightsOf(golden, "fine"));
  const x0 = toStates(inputOf(golden, "x0"));
  const x1 = toStates(inputOf(golden, "x1"));
  const labels = numbersOf(golden, "y");
  const times = numbersOf(golden, "t");

  const t = tensor1d(times);
  const xt = pointOnPath(x0, x1, t);
  const target = targetVelocity(x0, x1);
  const velocity = fine.forward(xt, times, labels);
  compare.output("x_t", await fromStates(xt));
  compare.output("target", await fromStates(target));
  compare.output("velocity", await fromStates(velocity));
  compare.output("loss_per_sample", await fromTensor(flowMatchingLossPerSample(velocity, target)));
  compare.output("score", await fromStates(score(xt, velocity, t)));
  compare.output("score_of_target", await fromStates(score(xt, target, t)));
  compare.output("x1_hat", await fromStates(x1Hat(xt, velocity, t)));

  const tau = config.t_split;
  const inversion = await recordTrajectory(x1, {
    models: { heavy: fine },
    choice: "heavy",
    tau,
    grid: inversionGrid(tau, config.inversion_steps),
    solver: "euler",
    labels,
    guidance: 1,
  });
  compare.output("inversion_states", inversion.states);
  compare.output("c2f_seam_states", inversion.final);

  // The seam's states and the heavy velocity there are constants; the case's own states keep the errors apart.
  const seamStates = toStates(tensorOf(golden, "out.c2f_seam_states"));
  const tauOfEach = labels.map(() => tau);
  const coarseTimes = numbersOf(golden, "t_coarse");
  const batch: CoarseBatch = {
    labels,
    coarseTimes,
    tauOfEach,
    coarseStates: pointOnPath(x0, x1, tensor1d(coarseTimes)),
    target,
    seamStates,
    seamTarget: fine.forward(seamStates, tauOfEach, labels),
    seamWeight: config.seam_weight,
  };
  const tensors = uploadDiT(config.coarse, weightsOf(golden, "coarse"));
  const terms = coarseTerms(config.coarse, tensors, batch);
  compare.output("c2f_fm", await fromTensor(terms.flowMatching));
  compare.output("c2f_seam", await fromTensor(terms.seam));
  compare.output("c2f_total", await fromTensor(terms.total));

  registerDiTGradients();
  const trained = [...tensors.keys()].filter((name) => golden.outputs.includes(`out.grad.${name}`));
  const gradients = grads((...weights: Tensor[]) => {
    const replaced = new Map(tensors);
    for (const [i, name] of trained.entries()) replaced.set(name, weights[i] as Tensor);
    return coarseTerms(config.coarse, replaced, batch).total;
  })(trained.map((name) => tensors.get(name) as Tensor));
  for (const [i, name] of trained.entries()) {
    const want = tensorOf(golden, `out.grad.${name}`);
    compare.output(`grad.${name}`, await asStored(name, gradients[i] as Tensor, want));
  }
  fine.dispose();
};

interface CoarseBatch {
  readonly labels: readonly number[];
  readonly coarseTimes: readonly number[];
  readonly tauOfEach: readonly number[];
  readonly coarseStates: Tensor4D;
  readonly target: Tensor4D;
  readonly seamStates: Tensor4D;
  readonly seamTarget: Tensor4D;
  readonly seamWeight: number;
}

type WeightTensors = ReturnType<typeof uploadDiT>;

function coarseTerms(
  config: DiTConfig,
  tensors: WeightTensors,
  batch: CoarseBatch,
): Record<"flowMatching" | "seam" | "total", Scalar> {
  const { labels, coarseTimes, tauOfEach, coarseStates, target, seamStates, seamTarget, seamWeight } = batch;
  const flowMatching = flowMatchingLoss(
    ditForward(config, tensors, coarseStates, coarseTimes, labels),
    target,
  );
  const seam = seamLoss(ditForward(config, tensors, seamStates, tauOfEach, labels), seamTarget);
  return { flowMatching, seam, total: coarseToFineLoss(flowMatching, seam, seamWeight) };
}

/** The label table keeps the checkpoint's layout in the engine. */
const LABEL_TABLE = "y_embedder.embedding_table.weight";

/** A gradient in the engine's layout as the checkpoint's: filters [p·p·in,out] as [out,in,p,p], matrices [in,out] as
 *  [out,in], all else as it is. */
function asStored(name: string, gradient: Tensor, { shape }: HostTensor): Promise<HostTensor> {
  if (shape.length === 4) {
    const [out = 0, input = 0, height = 0, width = 0] = shape;
    return fromTensor(transpose(reshape(gradient, [height, width, input, out]), [3, 2, 0, 1]));
  }
  return fromTensor(shape.length === 2 && name !== LABEL_TABLE ? transpose(gradient) : gradient);
}
