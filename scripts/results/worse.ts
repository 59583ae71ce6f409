import { fine, interval, percent } from "./numbers.ts";
import { PAPER_PRUNING } from "./paper.ts";
import type { FamilyResults, Quality, TauResult } from "./schema.ts";

/** Every generated class is to be recognised this often. */
const RECOGNISED = 0.95;

/** "Coarse-to-fine with plain at τ = 0.7", "Heavy first, then plain from τ = 0.3". */
const turnsName = ({ order, recipe, tau }: TauResult): string =>
  order === "light first"
    ? `Coarse-to-fine with ${recipe} at τ = ${tau}`
    : `Heavy first, then ${recipe} from τ = ${tau}`;

/** Where ours is worse, in sentences; also what the reader would have to find in the tables otherwise. */
export function worse(family: FamilyResults): string {
  const chance = chanceOfTraining(family);
  const lines = [
    ...missedTargets(family),
    ...higherDistances(family, chance?.model.name),
    ...unrecognised(family),
    ...worseThanThePaper(family),
    ...(chance === null ? [] : [chance.words]),
  ];
  return lines.length > 0
    ? lines.join("\n")
    : "No target was missed, no FD came out higher than that of its base, every class is recognised.";
}

const missedTargets = (family: FamilyResults): string[] =>
  family.claims
    .filter((claim) => !claim.met)
    .map(
      (claim) =>
        `- Not met: ${claim.statement} (measured ${interval(claim.measured, fine)}, wanted ${claim.rule}).`,
    );

/** Models and coarse-to-fine pictures whose FD is above that of what they are compared with, by more than its interval. */
function higherDistances(family: FamilyResults, except: string | undefined): string[] {
  const lines: string[] = [];
  for (const model of family.models)
    if (model.fdRatio !== null && model.fdRatio.low > 1 && model.name !== except)
      lines.push(
        `- ${model.name} (${model.differs.replace(/\.$/, "")}) has a higher FD than ${model.base}: ratio ${interval(model.fdRatio, fine)}.`,
      );
  for (const result of family.coarseToFine)
    if (result.fdRatio.low > 1)
      lines.push(
        `- ${turnsName(result)}: FD is higher than that of heavy alone, ratio ${interval(result.fdRatio, fine)}.`,
      );
  return lines;
}

function unrecognised(family: FamilyResults): string[] {
  const sets: (readonly [string, Quality])[] = [
    ...family.models.map((model) => [model.name, model.quality] as const),
    ...family.coarseToFine.filter(({ tau }) => tau > 0).map((r) => [turnsName(r), r.quality] as const),
  ];
  return sets.flatMap(([name, quality]) => {
    const missed = Object.entries(quality.recognisedPerClass).filter(([, share]) => share < RECOGNISED);
    if (missed.length === 0) return [];
    const words = missed.map(([style, share]) => `${style} ${percent(share)}`).join(", ");
    return [`- ${name}: recognised less than ${percent(RECOGNISED)} of the time: ${words}.`];
  });
}

/** Criteria that keep half of the data at a lower price in the paper, as a ratio of distances, than here. */
function worseThanThePaper(family: FamilyResults): string[] {
  const ours = new Map(family.models.map((model) => [model.name, model.fdRatio]));
  const [whole, ...halves] = PAPER_PRUNING;
  const worse = halves.flatMap(({ criterion, fid, ours: name }) => {
    const ratio = name === null ? null : ours.get(name);
    const theirs = fid / whole.fid;
    return ratio && ratio.low > theirs ? [`${criterion} ${fine(ratio.value)} (${fine(theirs)})`] : [];
  });
  return worse.length > 0
    ? [
        `- Half of the data costs more here than in the paper, as a ratio to all of it (the paper's in brackets): ${worse.join(", ")}.`,
      ]
    : [];
}

/** How far the FD of two trainings lies apart that differ in their seed alone, in words that say which other differences
 *  it covers; null where no such pair was measured. */
function chanceOfTraining(family: FamilyResults) {
  const floor = family.pairs.find((pair) => pair.noiseFloor);
  const model = family.models.find(({ name, base }) => name === floor?.b && base === floor?.a);
  if (floor === undefined || !model?.fdRatio) return null;
  const { value } = model.fdRatio;
  const reach = Math.max(value, 1 / value);
  const covered: string[] = [];
  for (const { name, base, fdRatio } of family.models)
    if (base === floor.a && name !== floor.b && fdRatio && fdRatio.value < reach && fdRatio.value > 1 / reach)
      covered.push(name);
  const which = covered.length > 0 ? ` of ${covered.join(", ")}` : " that are smaller";
  return {
    model,
    words: `- What chance does: ${floor.b} differs from ${floor.a} in nothing but the training seed, and its FD is ${interval(model.fdRatio, fine)} times that of ${floor.a}. That is one pair, so a rough measure; by it, the differences${which} cannot be told from chance by one training each.`,
  };
}
