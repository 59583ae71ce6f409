import { lineChart, rowChart, type Series } from "./chart.ts";
import type { Estimate, FamilyResults, ModelResult, TauResult } from "./schema.ts";

/** A drawing of a family's results: the file's name, the SVG, and the words under it. */
export interface Figure {
  readonly file: string;
  readonly svg: string;
  readonly caption: string;
}

const at = (x: number, { value, low, high }: Estimate) => ({ x, y: value, low, high });

/** The heavy model alone, which coarse-to-fine is measured against. */
const heavyOf = (family: FamilyResults): ModelResult | undefined =>
  family.models.find((model) => model.name === family.coarseToFine[0]?.heavy);

/** What the light models of a family draw with the heavy one, a line for each recipe and order: against heavy steps, so
 *  that what stands above each other costs the same. Both orders end where one model draws alone. */
function inTurns(family: FamilyResults, what: (result: TauResult) => Estimate): Series[] {
  const results = family.coarseToFine;
  const orders = [...new Set(results.map(({ order }) => order))];
  return orders.flatMap((order) =>
    [...new Set(results.filter((r) => r.order === order).map((r) => r.recipe))].map((recipe) => {
      const isAlone = ({ lightSteps, heavySteps }: TauResult) => lightSteps === 0 || heavySteps === 0;
      const points = results
        .filter((r) => r.recipe === recipe && (r.order === order || isAlone(r)))
        .sort((x, y) => x.heavySteps - y.heavySteps)
        .map((r) => at(r.heavySteps, what(r)));
      return { name: orders.length > 1 ? `${recipe}, ${order}` : recipe, points };
    }),
  );
}

const stepsOf = ({ coarseToFine: [first] }: FamilyResults): number =>
  first ? first.lightSteps + first.heavySteps : 0;

const heavySteps = (family: FamilyResults) => ({
  label: `heavy steps of ${stepsOf(family)} (0: light alone), which are what a picture costs`,
  ticks: [0, 0.2, 0.4, 0.6, 0.8, 1].map((share) => Math.round(share * stepsOf(family))),
});

/** FD against heavy steps, the heavy model alone across. */
export function fdOverSteps(name: string, family: FamilyResults): Figure | null {
  if (family.coarseToFine.length === 0) return null;
  const heavy = heavyOf(family);
  const reference = heavy && { label: "heavy alone", ...heavy.quality.fd };
  return {
    file: `results-${name}-fd-steps.svg`,
    svg: lineChart({
      title: `${name}: FD-${family.embedding.name} against the heavy model's share of the steps`,
      x: heavySteps(family),
      y: { label: `FD-${family.embedding.name}, lower is better` },
      series: inTurns(family, (result) => result.quality.fd),
      reference,
    }),
    caption:
      "FD against the number of steps that the heavy model makes, per recipe of the light model and order of the two. Bars and the grey band are 95 % intervals.",
  };
}

/** Likeness to the heavy model's picture against heavy steps. */
export function likenessOverSteps(name: string, family: FamilyResults): Figure | null {
  if (family.coarseToFine.length === 0) return null;
  return {
    file: `results-${name}-likeness-steps.svg`,
    svg: lineChart({
      title: `${name}: s_norm with the heavy model alone against the heavy model's share of the steps`,
      x: heavySteps(family),
      y: { label: "s_norm with heavy alone (1: the same picture)" },
      series: inTurns(family, (result) => result.sNorm),
    }),
    caption:
      "How much of the heavy model's picture is kept, against the number of steps that it makes. Bars are 95 % intervals.",
  };
}

/** s_norm of each pair, most alike first, against the noise floor. */
export function similarityOfPairs(name: string, family: FamilyResults): Figure | null {
  const floor = family.pairs.find((pair) => pair.noiseFloor);
  const pairs = family.pairs.filter((pair) => !pair.noiseFloor);
  if (pairs.length === 0) return null;
  const rows = [...pairs]
    .sort((x, y) => y.sNorm.value - x.sNorm.value)
    .map((pair) => ({ label: `${pair.a} · ${pair.b}`, ...pair.sNorm }));
  return {
    file: `results-${name}-similarity.svg`,
    svg: rowChart({
      title: `${name}: normalised same-seed similarity of pairs of models`,
      x: { label: "s_norm (1: the same picture, 0: strangers of one class)" },
      rows,
      ...(floor ? { reference: { label: "another training seed", ...floor.sNorm } } : {}),
    }),
    caption:
      "How alike the pictures of one seed are. The grey band is the noise floor: two runs of the zoo that differ in the training seed alone. The others of the zoo share their base's training seed, so they begin alike and may lie above it; for pairs with the heavy model there is no such floor.",
  };
}

/** Held-out loss against t, for up to six models that have it: shipped ones first. */
export function lossOverTime(name: string, family: FamilyResults): Figure | null {
  const order = ["heavy", "light", "ladder", "variant"];
  const models = family.models
    .filter((model) => model.lossPerT.length > 1)
    .sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))
    .slice(0, 6);
  if (models.length === 0) return null;
  return {
    file: `results-${name}-loss.svg`,
    svg: lineChart({
      title: `${name}: flow-matching loss on held-out latents against t`,
      x: { label: "time t (0: noise, 1: data)", ticks: [0, 0.2, 0.4, 0.6, 0.8, 1] },
      y: { label: "loss, lower is better" },
      series: models.map((model) => ({
        name: model.name,
        points: model.lossPerT.map(({ t, loss }) => at(t, loss)),
      })),
    }),
    caption: "Flow-matching loss on held-out latents at each time.",
  };
}

/** FD against width, for models that differ in nothing else, their base among them. */
export function capacityLadder(name: string, family: FamilyResults): Figure | null {
  const rungs = family.models.filter((model) => model.kind === "ladder");
  const bases = new Set(rungs.map((model) => model.base));
  const ladder = family.models
    .filter((model) => model.kind === "ladder" || bases.has(model.name))
    .sort((a, b) => a.width - b.width);
  if (ladder.length < 2) return null;
  return {
    file: `results-${name}-ladder.svg`,
    svg: lineChart({
      title: `${name}: FD-${family.embedding.name} against the width of the model`,
      x: {
        label: "width (channels)",
        ticks: ladder.map((model) => model.width),
        log: true,
      },
      y: { label: `FD-${family.embedding.name}, lower is better` },
      series: [
        {
          name: `depth ${ladder[0].depth}`,
          points: ladder.map((model) => at(model.width, model.quality.fd)),
        },
      ],
    }),
    caption: "The capacity ladder: the same data, steps and depth, another width.",
  };
}

/** All figures that the family has data for. */
export const figuresOf = (name: string, family: FamilyResults): Figure[] =>
  [fdOverSteps, likenessOverSteps, similarityOfPairs, lossOverTime, capacityLadder]
    .map((figure) => figure(name, family))
    .filter((figure) => figure !== null);
