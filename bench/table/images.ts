import type { Results } from "../../scripts/results/schema.ts";
import type { ImagesReport } from "../images.ts";
import type { SpeedUp } from "../speedUp.ts";
import { spread, times } from "./words.ts";

/** What an image takes by each way to draw one; how alike those of τ = 0.7 are, where that has been evaluated. */
export function imageLines(
  family: string,
  { alone, batched, guidance }: ImagesReport,
  { withoutDecode }: SpeedUp,
  results: Results | null,
): string[] {
  const rows = Object.entries(alone).map(([name, timing]) => {
    const label = name === "heavy" || name === "light" ? `${name} alone` : `τ = ${name}`;
    return `| ${label} | ${spread(timing)} | ${times(alone.heavy.medianMs / timing.medianMs)} |`;
  });
  return [
    `60 points, Euler, guidance ${guidance}, one thread, decoding included.`,
    "",
    "| Drawn by | Time | Faster than heavy |",
    "|---|--:|--:|",
    ...rows,
    "",
    `Steps alone at τ = 0.7 and guidance 1: ${times(withoutDecode.measured)} at batch 1 (${times(withoutDecode.predicted)} predicted from the step costs); of 16 images side by side at guidance ${guidance}: ${times(batched.heavy.medianMs / batched["0.7"].medianMs)}. ${likeness(family, results)}`,
  ];
}

/** s_norm of coarse-to-fine against the heavy model at τ = 0.7, by recipe of the light one. */
function likeness(family: string, results: Results | null): string {
  const found =
    results?.families[family]?.coarseToFine.filter(
      ({ order, tau }) => order === "light first" && tau === 0.7,
    ) ?? [];
  if (found.length === 0)
    return "How alike the pictures at τ = 0.7 are to the heavy model's (s_norm) is not evaluated yet.";
  const each = found.map(
    ({ recipe, sNorm: { value, low, high } }) =>
      `${value.toFixed(3)} (${low.toFixed(3)}–${high.toFixed(3)}) with the light model by ${recipe}`,
  );
  return `The pictures at τ = 0.7 are alike to the heavy model's by s_norm ${each.join(", ")}.`;
}
