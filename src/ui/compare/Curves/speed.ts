import type { Pace } from "#compare/estimate.ts";
import type { RoutedGrid } from "#compare/grid.ts";
import type { Route } from "#compare/route.ts";

/** What the time of one picture is told in. */
export type SpeedUnit = "ms" | "nfe";

/** Guidance 1 is one network pass an evaluation, any other two. */
const passesAt = (guidance: number) => (guidance === 1 ? 1 : 2);

/** Milliseconds that a picture alone takes, decoding included, by what its models were timed at here; null while one of
 *  them has not been. */
export function pictureMs(route: Route, { passes, decode }: Pace): number | null {
  const meanOf = (timed: { readonly count: number; readonly ms: number } | undefined) =>
    timed && timed.count > 0 ? timed.ms / timed.count : null;
  const decoding = meanOf(decode);
  if (decoding === null) return null;
  let ms = decoding;
  for (const { of } of route.stretches) {
    for (const place of ["light", "heavy"] as const) {
      if (of.nfe[place] === 0) continue;
      const pass = meanOf(passes[of.names[place] ?? ""]);
      if (pass === null) return null;
      ms += of.nfe[place] * passesAt(of.guidance) * pass;
    }
  }
  return ms;
}

/** Cost of the pictures of some cells: mean milliseconds where all were timed, else mean evaluations. */
export function costOf(
  cells: readonly number[],
  grid: RoutedGrid,
  pace: Pace,
  unit: SpeedUnit,
): number | null {
  const costs = cells.map((cell) => {
    const route = grid.routes.get(grid.cells[cell]?.key ?? "");
    if (!route) return null;
    return unit === "ms" ? pictureMs(route, pace) : route.of.nfe.light + route.of.nfe.heavy;
  });
  const known = costs.filter((cost) => cost !== null);
  return known.length === cells.length && known.length > 0
    ? known.reduce((sum, cost) => sum + cost, 0) / known.length
    : null;
}
