import type { Family, ModelEntry } from "#checkpoints/manifest.ts";
import { chooseModels } from "#checkpoints/modelChoice.ts";
import { hasSwitch } from "#checkpoints/modelText.ts";
import type { Grid } from "#compare/cell.ts";
import type { Line } from "#compare/partners.ts";
import type { NoiseFloor } from "./comparison.ts";

/** What two runs of one recipe have in common: everything but the seed, what came of it, and how long it took. Null for a
 *  model of which nobody wrote it down. */
const recipeOf = ({ architecture, config, autoencoder, recipe }: ModelEntry): string | null =>
  recipe &&
  JSON.stringify([
    architecture,
    Object.entries(config).sort(),
    autoencoder ?? null,
    recipe.data,
    recipe.steps,
    recipe.samples_seen,
  ]);

const seedOf = ({ recipe }: ModelEntry): number | null => recipe?.seed ?? null;

/** Pairs of models that differ in the training seed alone, by name. */
export function seedPairs({ models }: Family): readonly (readonly [a: string, b: string])[] {
  return models.flatMap((a, i) =>
    models
      .slice(i + 1)
      .filter(
        (b) =>
          seedOf(a) !== null && seedOf(b) !== null && seedOf(a) !== seedOf(b) && recipeOf(a) === recipeOf(b),
      )
      .map((b) => [a.name, b.name] as const),
  );
}

/** What the manifest says of such a pair, measured beforehand over many seeds: the metric `s_norm to NAME` of one of them.
 *  Null where it says nothing. */
export function zooFloor(family: Family): NoiseFloor | null {
  const said = seedPairs(family).flatMap(([a, b]) =>
    [
      [a, b],
      [b, a],
    ].flatMap(([of, to]) =>
      (family.models.find(({ name }) => name === of)?.metrics ?? []).filter(
        ({ name }) => name === `s_norm to ${to}`,
      ),
    ),
  );
  const [metric] = said;
  if (!metric) return null;
  const { value, low, high } = metric;
  return {
    sNorm: value,
    interval: low !== undefined && high !== undefined ? [low, high] : null,
    from: "zoo",
  };
}

/** Two lines of the grid that differ in the training seed of their model alone; null when it has none. */
export function floorLines(
  grid: Grid,
  lines: readonly Line[],
  family: Family,
): readonly [a: Line, b: Line] | null {
  const pairs = seedPairs(family);
  const drawnBy = (line: Line): string => {
    const cell = grid.cells[line.cells[0] ?? -1]?.settings;
    const chosen = cell && chooseModels(family, cell.model);
    if (!cell || !chosen?.ok || hasSwitch(cell.model)) return "";
    return (chosen.value.light ?? chosen.value.heavy)?.name ?? "";
  };
  const rest = (line: Line): string =>
    line.cells
      .map((i) => {
        const cell = grid.cells[i]?.settings;
        return cell && [cell.seed, cell.label, cell.steps, cell.solver, cell.guidance].join(" ");
      })
      .join();
  for (const a of lines)
    for (const b of lines) {
      const [first, second] = [drawnBy(a), drawnBy(b)];
      if (pairs.some(([x, y]) => x === first && y === second) && rest(a) === rest(b)) return [a, b];
    }
  return null;
}
