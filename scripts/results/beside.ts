import { table } from "./markdown.ts";
import { fine, interval } from "./numbers.ts";
import { PAPER_PRUNING, PAPER_SIMILARITY, PAPER_SPEED } from "./paper.ts";
import type { FamilyResults } from "./schema.ts";

/** How much faster coarse-to-fine is than the heavy model at τ = 0.7, steps alone, as docs/bench/steps.json has it. */
export interface MeasuredSpeedUp {
  readonly guidance: number;
  readonly times: number;
}

/** The paper's numbers beside ours. */
export function beside(family: FamilyResults, speedUps: readonly MeasuredSpeedUp[]): string {
  return [
    "The paper's numbers are FID on CelebA-HQ faces at 256 px with far larger models; ours are in a network of our own on drawn avatars. What can be compared is the ratio to all of the data. FD of few images is too large by about as much for each model, so our ratios lie nearer to 1 than those of more images would.",
    "",
    pruning(family),
    "",
    similarity(family),
    "",
    ...speed(family, speedUps),
  ].join("\n");
}

function pruning(family: FamilyResults): string {
  const ours = new Map(family.models.map((model) => [model.name, model]));
  const [whole] = PAPER_PRUNING;
  const rows = PAPER_PRUNING.map(({ criterion, fid, ours: name }) => {
    const model = name === null ? undefined : ours.get(name);
    const isWhole = name === whole.ours;
    const ratio = model?.fdRatio ? interval(model.fdRatio, fine) : model && isWhole ? "1" : "";
    const pooled = model?.fdRatioPooled ? interval(model.fdRatioPooled, fine) : model && isWhole ? "1" : "";
    return [
      criterion,
      fid.toFixed(2),
      fine(fid / whole.fid),
      model ? interval(model.quality.fd) : "not trained",
      ratio,
      pooled,
    ];
  });
  return table(
    [
      "half of the data, kept by",
      "FID (paper)",
      "/ all (paper)",
      `FD-${family.embedding.name} (ours)`,
      "/ all (ours)",
      "/ all, pooled (ours)",
    ],
    rows,
  );
}

function similarity(family: FamilyResults): string {
  const rows = PAPER_SIMILARITY.map(({ pair, s, ours: name }) => {
    const found = family.pairs.find((p) => p.a === name || p.b === name);
    return [
      pair,
      s.toFixed(2),
      found ? fine(found.s.value) : "",
      found ? interval(found.sNorm, fine) : "not measured",
    ];
  });
  return table(["same seed, two models", "s (paper)", "s (ours)", "s_norm (ours)"], rows);
}

function speed(family: FamilyResults, speedUps: readonly MeasuredSpeedUp[]): string[] {
  const ours = speedUps.map(({ guidance, times }) => `${times.toFixed(2)}× at guidance ${guidance}`);
  const words =
    ours.length > 0
      ? ` Ours, steps alone, an image at a time on WebAssembly: ${ours.join(", ")} ([docs/bench.md](bench.md)).`
      : "";
  return [
    `Coarse-to-fine at τ = 0.7: the paper goes from ${PAPER_SPEED.heavyMs} to ${PAPER_SPEED.coarseToFineMs} ms an image, ${PAPER_SPEED.speedUp}×, on an H100 at batch 128.${words}`,
    ...family.coarseToFine
      .filter(({ order, tau }) => order === "light first" && tau === 0.7)
      .map((r) => `Ours with ${r.recipe} has ${interval(r.fdRatio, fine)} of the heavy model's FD there.`),
  ];
}
