import type { Figure } from "./figures.ts";
import { amount, fine, interval, megabytes, number, percent } from "./numbers.ts";
import { PAPER_PRUNING, PAPER_SIMILARITY, PAPER_SPEED } from "./paper.ts";
import type { FamilyResults, Results } from "./schema.ts";

/** A Markdown table; a cell's bar is escaped. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const print = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [print(head), print(head.map(() => "---")), ...rows.map(print)].join("\n");
}

const fd = (family: FamilyResults): string => `FD-${family.embedding.name}`;

function method(family: FamilyResults): string {
  const p = family.protocol;
  return [
    `Sampled with ${p.steps} points of ${p.solver} at guidance ${p.guidance}. ${fd(family)}, KID, precision, recall, density and coverage:`,
    `${p.qualityBlocks} blocks of ${amount(p.qualitySamples)} images each, against ${amount(p.referenceCount)} images of the ${p.referenceSplit} split. Paired`,
    `numbers: ${p.pairedBlocks} blocks of ${amount(p.pairedSeeds)} seeds. Every number is the mean of its blocks with a 95 % interval from ${amount(p.resamples)}`,
    `bootstrap resamples of the seeds; ratios of FD resample both models' seeds together. Measured on ${p.device} with PyTorch ${p.torch}.`,
  ].join("\n");
}

function networks(family: FamilyResults): string {
  const { embedding, classifier, autoencoder } = family;
  const heads = Object.entries(classifier.heads).map(([name, { share, count }]) => [
    name,
    percent(share),
    amount(count),
  ]);
  return [
    `**${embedding.name}**, our own, used for metrics alone and frozen before any flow model was evaluated: ${embedding.featureDim} features,`,
    `${amount(embedding.parameters)} parameters, ${megabytes(embedding.bytes)}, sha256 \`${embedding.sha256}\`. ${fd(family)} is not FID.`,
    "",
    `**${classifier.name}**, a separate network (${amount(classifier.parameters)} parameters, sha256 \`${classifier.sha256}\`): the class is right on`,
    `${percent(classifier.classAccuracy.share)} of ${amount(classifier.classAccuracy.count)} held-out drawings, and the attributes that it reports:`,
    "",
    "<details><summary>Attributes and their held-out accuracy</summary>",
    "",
    table(["attribute", "right", "drawings"], heads),
    "",
    "</details>",
    "",
    `**${autoencoder.name}** on held-out images: PSNR ${interval(autoencoder.psnr)} dB, SSIM ${interval(autoencoder.ssim, fine)}, ${fd(family)} ${interval(autoencoder.fd)}.`,
  ].join("\n");
}

function claims(family: FamilyResults): string {
  const rows = family.claims.map((c) => [
    c.statement,
    c.rule,
    interval(c.measured, fine),
    c.met ? "yes" : "**no**",
  ]);
  return table(["target", "counts as met when", "measured", "met"], rows);
}

/** Every generated class is to be recognised this often. */
const RECOGNISED = 0.95;

/** Where ours is worse, in sentences; also what the reader would have to find in the tables otherwise. */
function worse(family: FamilyResults): string {
  const lines = family.claims
    .filter((claim) => !claim.met)
    .map(
      (claim) =>
        `- Not met: ${claim.statement} (measured ${interval(claim.measured, fine)}, wanted ${claim.rule}).`,
    );
  const chance = chanceOfTraining(family);
  for (const model of family.models)
    if (model.fdRatio !== null && model.fdRatio.low > 1 && model !== chance?.model)
      lines.push(
        `- ${model.name} (${model.differs}) has a higher FD than ${model.base}: ratio ${interval(model.fdRatio, fine)}.`,
      );
  for (const result of family.coarseToFine)
    if (result.fdRatio.low > 1)
      lines.push(
        `- Coarse-to-fine with ${result.recipe} at τ = ${result.tau} has a higher FD than heavy alone: ratio ${interval(result.fdRatio, fine)}.`,
      );
  for (const model of family.models) {
    const missed = Object.entries(model.quality.recognisedPerClass).filter(([, share]) => share < RECOGNISED);
    if (missed.length > 0) {
      const words = missed.map(([style, share]) => `${style} ${percent(share)}`).join(", ");
      lines.push(`- ${model.name}: recognised less than ${percent(RECOGNISED)} of the time: ${words}.`);
    }
  }
  if (chance !== null) lines.push(chance.words);
  return lines.length > 0
    ? lines.join("\n")
    : "Nothing that was measured came out worse than its target or its base.";
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
    words: `- What chance does: ${floor.b} differs from ${floor.a} in nothing but the training seed, and its FD is ${interval(model.fdRatio, fine)} times that of ${floor.a}. The differences${which} cannot be told from that by one training each.`,
  };
}

function models(family: FamilyResults): string {
  const rows = family.models.map(({ quality: q, ...m }) => [
    m.name,
    m.differs,
    `${m.architecture} ${m.depth}×${m.width}, ${megabytes(m.bytes)}`,
    amount(m.samples),
    interval(q.fd),
    m.fdRatio === null ? "" : interval(m.fdRatio, fine),
    interval(q.kid),
    fine(q.precision.value),
    fine(q.recall.value),
    fine(q.density.value),
    fine(q.coverage.value),
    percent(q.recognised.value),
    q.memorised === null ? "" : percent(q.memorised.value),
  ]);
  const head = [
    "model",
    "what differs",
    "network",
    "samples seen",
    fd(family),
    "FD / base",
    "KID",
    "precision",
    "recall",
    "density",
    "coverage",
    "class recognised",
    "f_mem",
  ];
  return table(head, rows);
}

function coarseToFine(family: FamilyResults): string {
  const rows = family.coarseToFine.map((r) => [
    r.recipe,
    String(r.tau),
    `${r.lightSteps} + ${r.heavySteps}`,
    interval(r.quality.fd),
    interval(r.fdRatio, fine),
    interval(r.sNorm, fine),
    fine(r.quality.precision.value),
    fine(r.quality.recall.value),
    percent(r.quality.recognised.value),
  ]);
  return table(
    [
      "light recipe",
      "τ",
      "light + heavy steps",
      fd(family),
      "FD / heavy alone",
      "s_norm with heavy",
      "precision",
      "recall",
      "class recognised",
    ],
    rows,
  );
}

function pairs(family: FamilyResults): string {
  const rows = family.pairs.map((p) => [
    `${p.a} · ${p.b}${p.noiseFloor ? " (noise floor)" : ""}`,
    p.what,
    interval(p.s, fine),
    fine(p.sUnrel.value),
    interval(p.sNorm, fine),
    interval(p.agreement, fine),
    fine(p.agreementUnrel.value),
    p.psnr === null ? "" : number(p.psnr.value),
    fine(p.ssim.value),
    p.latentCosine.length > 0 ? fine(p.latentCosine[p.latentCosine.length - 1].cosine.value) : "",
  ]);
  return table(
    [
      "pair",
      "what differs",
      "s",
      "s_unrel",
      "s_norm",
      "attributes alike",
      "of strangers",
      "PSNR (dB)",
      "SSIM",
      "latent cosine at t = 1",
    ],
    rows,
  );
}

function costs(family: FamilyResults): string {
  const rows = family.costs.map((c) => [
    c.device,
    String(c.batch),
    number(c.lightMs),
    number(c.heavyMs),
    fine(c.ratio),
    number(1 / (0.3 + 0.7 * c.ratio)),
  ]);
  return table(
    ["device", "batch", "light (ms a step)", "heavy (ms a step)", "r", "speed-up at τ = 0.7, steps alone"],
    rows,
  );
}

function beside(family: FamilyResults): string {
  const ours = new Map(family.models.map((model) => [model.name, model]));
  const full = PAPER_PRUNING[0].fid;
  const pruning = PAPER_PRUNING.map(({ criterion, fid, ours: name }) => {
    const model = name === null ? undefined : ours.get(name);
    const ratio = model?.fdRatio
      ? interval(model.fdRatio, fine)
      : model && name === PAPER_PRUNING[0].ours
        ? "1"
        : "";
    return [
      criterion,
      fid.toFixed(2),
      fine(fid / full),
      model ? interval(model.quality.fd) : "not trained",
      ratio,
    ];
  });
  const similarity = PAPER_SIMILARITY.map(({ pair, s, ours: name }) => {
    const found = family.pairs.find((p) => p.a === name || p.b === name);
    return [
      pair,
      s.toFixed(2),
      found ? fine(found.s.value) : "",
      found ? interval(found.sNorm, fine) : "not measured",
    ];
  });
  const at07 = family.coarseToFine.filter((result) => result.tau === 0.7);
  return [
    "The paper's numbers are FID on CelebA-HQ faces with a model a hundred times larger; ours are in a network of our own on drawn avatars. What can be compared is the ratio to all of the data.",
    "",
    table(
      ["half of the data, kept by", "FID (paper)", "/ all (paper)", `${fd(family)} (ours)`, "/ all (ours)"],
      pruning,
    ),
    "",
    table(["same seed, two models", "s (paper)", "s (ours)", "s_norm (ours)"], similarity),
    "",
    `Coarse-to-fine at τ = 0.7: the paper goes from ${PAPER_SPEED.heavyMs} to ${PAPER_SPEED.coarseToFineMs} ms an image, ${PAPER_SPEED.speedUp}×, on an H100 at batch 128.`,
    ...at07.map(
      (r) => `Ours with ${r.recipe} has ${interval(r.fdRatio, fine)} of the heavy model's FD there.`,
    ),
  ].join("\n");
}

function section(name: string, family: FamilyResults, figures: readonly Figure[]): string {
  const parts = [
    ["How it was measured", method(family)],
    ["Targets", family.claims.length > 0 ? claims(family) : ""],
    ["Where ours is worse", worse(family)],
    ["Networks behind the numbers", networks(family)],
    ["Models", models(family)],
    ["Coarse-to-fine", family.coarseToFine.length > 0 ? coarseToFine(family) : ""],
    ["Same seed, two models", family.pairs.length > 0 ? pairs(family) : ""],
    ["Cost of a step", family.costs.length > 0 ? costs(family) : ""],
    ["The paper's numbers beside ours", beside(family)],
    ["Figures", figures.map((f) => `![${f.caption}](figures/${f.file})\n\n${f.caption}`).join("\n\n")],
  ];
  const text = parts.filter(([, body]) => body !== "").map(([title, body]) => `### ${title}\n\n${body}`);
  return [`## ${name}`, ...text].join("\n\n");
}

/** docs/results.md: everything in the results file, in words, tables and pictures. */
export function report(results: Results, figures: ReadonlyMap<string, readonly Figure[]>): string {
  const families = Object.entries(results.families).map(([name, family]) =>
    section(name, family, figures.get(name) ?? []),
  );
  return `${[
    "# Results",
    "Made by `npm run results` from `docs/results.json`, which `python3 -m pretrain.evaluate` writes. Do not edit: run them again.",
    ...families,
  ].join("\n\n")}\n`;
}
