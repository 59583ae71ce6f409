import { beside, type MeasuredSpeedUp } from "./beside.ts";
import type { Figure } from "./figures.ts";
import { folded, table } from "./markdown.ts";
import { amount, fine, interval, megabytes, number, percent } from "./numbers.ts";
import type { FamilyResults, Quality, Results } from "./schema.ts";
import { worse } from "./worse.ts";

const fd = (family: FamilyResults): string => `FD-${family.embedding.name}`;

function method(family: FamilyResults): string {
  const p = family.protocol;
  return [
    `Sampled with ${p.steps} points of ${p.solver} at guidance ${p.guidance}. ${fd(family)}, KID, precision, recall, density and coverage:`,
    `${p.qualityBlocks} blocks of ${amount(p.qualitySamples)} images each, against ${amount(p.referenceCount)} images of the ${p.referenceSplit} split. Paired`,
    `numbers: ${p.pairedBlocks} blocks of ${amount(p.pairedSeeds)} seeds. Numbers are means of their blocks, with 95 % intervals from bootstrap resamples of the`,
    `seeds (${amount(p.resamples)} for distances, recall and coverage, ${amount(p.meanResamples)} for means); ratios of FD resample both models' seeds together.`,
    `Intervals are of these weights and this reference: another training is not in them. Measured on ${p.device} with PyTorch ${p.torch}.`,
    "",
    `FD of few images is too large, by about as much for each model: ${amount(p.qualitySamples)} training drawings, which are as good as can be, have`,
    `${interval(family.drawings.fd)}. “Pooled” takes all ${amount(p.qualityBlocks * p.qualitySamples)} images of a model as one set, which leaves a third of that. KID has no such bias; it`,
    "is not multiplied by 1,000. Coverage cannot reach 1 with fewer images than the reference has: see the row of the drawings.",
    "f_mem is the share of images nearer to one training image than a third of the way to the next, by features, among all",
    "training images, also for models that saw a part of them; in the row of the drawings it is that of held-out drawings, so it",
    "is what chance gives. PSNR of pairs is that of the mean squared error.",
  ].join("\n");
}

function networks(family: FamilyResults): string {
  const { embedding, classifier, autoencoders } = family;
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
    folded("Attributes and their held-out accuracy", table(["attribute", "right", "drawings"], heads)),
    "",
    ...autoencoders.map(
      ({ name, psnr, ssim, fd: distance }) =>
        `**${name}** on held-out images: PSNR ${interval(psnr)} dB, SSIM ${interval(ssim, fine)}, ${fd(family)} ${interval(distance)}.`,
    ),
    "The originals of the reconstructions are among the reference, so their FD is lower than that of any generated set could be.",
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

function models(family: FamilyResults): string {
  const drawings = ["training drawings", "what a perfect model would get", "", ""];
  const rows = [
    [...drawings, interval(family.drawings.fd), "", "", ...shares(family.drawings)],
    ...family.models.map((m) => [
      m.name,
      m.differs,
      `${m.architecture} ${m.depth}×${m.width}, ${megabytes(m.bytes)}`,
      amount(m.samples),
      interval(m.quality.fd),
      m.fdRatio === null ? "" : interval(m.fdRatio, fine),
      m.fdRatioPooled === null ? "" : interval(m.fdRatioPooled, fine),
      ...shares(m.quality),
    ]),
  ];
  const ratios = [fd(family), "FD / base", "pooled"];
  return table(
    ["model", "what differs", "network", "samples seen", ...ratios, ...SHARES, "class recognised", "f_mem"],
    rows,
  );
}

const SHARES = ["KID", "precision", "recall", "density", "coverage"];

const shares = (q: Quality): string[] => [
  number(q.kid.value),
  fine(q.precision.value),
  fine(q.recall.value),
  fine(q.density.value),
  fine(q.coverage.value),
  percent(q.recognised.value),
  q.memorised === null ? "" : percent(q.memorised.value),
];

function coarseToFine(family: FamilyResults): string {
  const rows = family.coarseToFine.map((r) => [
    r.recipe,
    r.order,
    String(r.tau),
    `${r.lightSteps} + ${r.heavySteps}`,
    interval(r.quality.fd),
    interval(r.fdRatio, fine),
    interval(r.fdRatioPooled, fine),
    interval(r.sNorm, fine),
    ...shares(r.quality).slice(0, -1),
  ]);
  const own = ["light recipe", "order", "τ", "light + heavy steps", fd(family), "FD / heavy alone", "pooled"];
  return table([...own, "s_norm with heavy", ...SHARES, "class recognised"], rows);
}

/** Every share of every set of images with its interval, for who wants them. */
function intervals(family: FamilyResults): string {
  const row = (name: string, q: Quality): string[] => [
    name,
    interval(q.fd),
    interval(q.fdPooled),
    interval(q.kid),
    ...[q.precision, q.recall, q.density, q.coverage, q.recognised].map((one) => interval(one, fine)),
    interval(q.recognisedLowest, fine),
    q.memorised === null ? "" : interval(q.memorised, fine),
  ];
  const rows = [
    row("training drawings", family.drawings),
    ...family.models.map((model) => row(model.name, model.quality)),
    ...family.coarseToFine
      .filter(({ tau }) => tau > 0)
      .map((r) => row(`${r.recipe}, ${r.order}, τ = ${r.tau}`, r.quality)),
  ];
  return table(
    ["images of", fd(family), "pooled", ...SHARES, "class recognised", "lowest class", "f_mem"],
    rows,
  );
}

function pairs(family: FamilyResults): string {
  const rows = family.pairs.map((p) => [
    `${p.a} · ${p.b}${p.noiseFloor ? " (noise floor)" : ""}`,
    p.what,
    interval(p.s, fine),
    interval(p.sUnrel, fine),
    interval(p.sNorm, fine),
    interval(p.agreement, fine),
    interval(p.agreementUnrel, fine),
    p.psnr === null ? "" : interval(p.psnr),
    interval(p.ssim, fine),
    p.latentCosine.length > 0 ? interval(p.latentCosine[p.latentCosine.length - 1].cosine, fine) : "",
  ]);
  const attributes = ["attributes alike", "of strangers"];
  const pictures = ["PSNR (dB)", "SSIM", "latent cosine at t = 1"];
  return table(["pair", "what differs", "s", "s_unrel", "s_norm", ...attributes, ...pictures], rows);
}

/** Cosines of paired latents along t: when two models' ways part. */
function cosines(family: FamilyResults): string {
  const along = family.pairs.filter((pair) => pair.latentCosine.length > 0);
  if (along.length === 0) return "";
  const times = along[0].latentCosine.map(({ t }) => `t = ${t.toFixed(2)}`);
  const rows = along.map((p) => [
    `${p.a} · ${p.b}`,
    ...p.latentCosine.map(({ cosine }) => interval(cosine, fine)),
  ]);
  return table(["pair", ...times], rows);
}

/** How often the classifier sees one attribute alike in both pictures of a seed. */
function attributes(family: FamilyResults): string {
  const heads = [...new Set(family.pairs.flatMap((pair) => Object.keys(pair.agreementHeads)))];
  const rows = heads.map((head) => [
    head,
    ...family.pairs.map((pair) =>
      pair.agreementHeads[head] ? percent(pair.agreementHeads[head].share) : "",
    ),
  ]);
  return table(["attribute", ...family.pairs.map((pair) => `${pair.a} · ${pair.b}`)], rows);
}

function losses(family: FamilyResults): string {
  const known = family.models.filter((model) => model.lossPerT.length > 0);
  if (known.length === 0) return "";
  const times = known[0].lossPerT.map(({ t }) => `t = ${t}`);
  const rows = known.map((model) => [model.name, ...model.lossPerT.map(({ loss }) => interval(loss, fine))]);
  return table(["model", ...times], rows);
}

function details(family: FamilyResults): string {
  const parts = [
    ["Every set of images, with intervals", intervals(family)],
    ["Cosine of paired latents along t", cosines(family)],
    ["Attributes alike, one by one", family.pairs.length > 0 ? attributes(family) : ""],
    ["Flow-matching loss on held-out latents", losses(family)],
  ];
  return parts
    .filter(([, body]) => body !== "")
    .map(([title, body]) => folded(title, body))
    .join("\n\n");
}

function section(
  name: string,
  family: FamilyResults,
  figures: readonly Figure[],
  speedUps: readonly MeasuredSpeedUp[],
): string {
  const parts = [
    ["How it was measured", method(family)],
    ["Targets", family.claims.length > 0 ? claims(family) : ""],
    ["Where ours is worse", worse(family)],
    ["Networks behind the numbers", networks(family)],
    ["Models", models(family)],
    ["Two models in turns", family.coarseToFine.length > 0 ? coarseToFine(family) : ""],
    ["Same seed, two models", family.pairs.length > 0 ? pairs(family) : ""],
    ["In detail", details(family)],
    ["The paper's numbers beside ours", beside(family, speedUps)],
    ["Figures", figures.map((f) => `![${f.caption}](figures/${f.file})\n\n${f.caption}`).join("\n\n")],
  ];
  const text = parts.filter(([, body]) => body !== "").map(([title, body]) => `### ${title}\n\n${body}`);
  return [`## ${name}`, ...text].join("\n\n");
}

/** What the report draws on beside the results: each family's figures, and how much faster coarse-to-fine was. */
export interface Beside {
  readonly figures: ReadonlyMap<string, readonly Figure[]>;
  readonly speedUps: ReadonlyMap<string, readonly MeasuredSpeedUp[]>;
}

/** docs/results.md: everything in the results file, in words, tables and pictures. */
export function report(results: Results, { figures, speedUps }: Beside): string {
  const families = Object.entries(results.families).map(([name, family]) =>
    section(name, family, figures.get(name) ?? [], speedUps.get(name) ?? []),
  );
  return `${[
    "# Results",
    "Made by `npm run results` from `docs/results.json`, which `python3 -m pretrain.evaluate` writes, and the speed-up of `docs/bench/steps.json`. Do not edit: run them again.",
    ...families,
  ].join("\n\n")}\n`;
}
