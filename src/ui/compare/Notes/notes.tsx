import type { ReactElement, ReactNode } from "react";
import { LEAST_SEEDS } from "#metrics/seedSimilarity.ts";
import { formula, frac, group, n, norm, o, row, sub, sum, sup, v, words } from "./math.ts";

/** What a figure means, for somebody who sees it for the first time. */
export interface NoteText {
  readonly title: string;
  readonly formula: ReactElement | null;
  readonly text: ReactNode;
}

const x = v("x");
const y = v("y");
const s = v("s");
const unrel = sub(s, words("unrel"));
const meanOf = (of: string) => sub(v("μ"), v(of));
const varianceOf = (of: string) => sup(sub(v("σ"), v(of)), n(2));
const constant = (k: number) => sub(v("C"), n(k));

/** Every figure of the page. */
export const NOTES = {
  sNorm: {
    title: "Same-seed similarity, normalised",
    formula: formula(sub(s, words("norm")), o("="), frac(row(s, o("−"), unrel), row(n(1), o("−"), unrel))),
    text: (
      <>
        <p>
          <b>1</b>: every seed keeps its picture. <b>0</b>: no more alike than two strangers of one class. s
          is the mean cosine of the features of paired pictures (one seed, two settings); s<sub>unrel</sub> is
          the mean over all pairs of one class with different seeds.
        </p>
        <p>
          The bar is the 95 % interval from a bootstrap over the seeds: with few seeds it is wide, and of
          fewer than {LEAST_SEEDS} there is none. The shaded band is the noise floor: two trainings of one
          recipe that differ in nothing but their random seed. What lies inside cannot be told from another
          random seed.
        </p>
      </>
    ),
  },
  s: {
    title: "Same-seed similarity",
    formula: formula(
      s,
      o("="),
      frac(n(1), v("n")),
      sum(
        v("i"),
        frac(
          row(sub(v("a"), v("i")), o("·"), sub(v("b"), v("i"))),
          row(norm(sub(v("a"), v("i"))), norm(sub(v("b"), v("i")))),
        ),
      ),
    ),
    text: (
      <p>
        a and b are the features that one frozen network sees in two pictures of seed i, one of each setting.
        Pictures of one class are alike anyway, so s is high even for strangers: compare it with s
        <sub>unrel</sub>.
      </p>
    ),
  },
  sUnrel: {
    title: "Similarity of strangers",
    formula: formula(
      unrel,
      o("="),
      frac(n(1), row(v("n"), group(v("n"), o("−"), n(1)))),
      sum(
        row(v("i"), o("≠"), v("j")),
        row(words("cos"), group(sub(v("a"), v("i")), o(","), sub(v("b"), v("j")))),
      ),
    ),
    text: (
      <p>
        The mean over all pairs of pictures of one class with different seeds. It is what chance gives, and
        the zero of s<sub>norm</sub>.
      </p>
    ),
  },
  ssim: {
    title: "SSIM, structural similarity",
    formula: formula(
      frac(
        row(
          group(n(2), meanOf("x"), meanOf("y"), o("+"), constant(1)),
          group(n(2), sub(v("σ"), row(x, y)), o("+"), constant(2)),
        ),
        row(
          group(sup(meanOf("x"), n(2)), o("+"), sup(meanOf("y"), n(2)), o("+"), constant(1)),
          group(varianceOf("x"), o("+"), varianceOf("y"), o("+"), constant(2)),
        ),
      ),
    ),
    text: (
      <p>
        Compares brightness, contrast and structure under a Gaussian window of 11 × 11 pixels (σ 1.5), as a
        mean over all its places and over RGB. <b>1</b> is the same picture. C₁ = (0.01 · 255)², C₂ = (0.03 ·
        255)².
      </p>
    ),
  },
  psnr: {
    title: "PSNR, peak signal-to-noise ratio",
    formula: formula(
      words("PSNR"),
      o("="),
      n(10),
      sub(words("log"), n(10)),
      frac(sup(n(255), n(2)), words("MSE")),
      words(" dB"),
    ),
    text: (
      <p>
        MSE is the mean squared difference of the 8-bit levels over pixels and RGB. 10 dB more are a tenth of
        the error; equal pictures have no finite value (∞).
      </p>
    ),
  },
  latent: {
    title: "Cosine of the latents",
    formula: formula(
      words("cos"),
      group(x, o(","), y),
      o("="),
      frac(row(x, o("·"), y), row(norm(x), norm(y))),
    ),
    text: (
      <p>
        x and y are the ends of the two trajectories, before the decoder. Only latents of one autoencoder can
        be compared.
      </p>
    ),
  },
  embedding: {
    title: "Cosine of the embeddings",
    formula: formula(words("cos"), group(row(v("φ"), group(x)), o(","), row(v("φ"), group(y)))),
    text: (
      <p>
        φ is a small network that was trained to tell the pictures of this family apart, and frozen before any
        flow model was looked at. It sees who is drawn rather than which pixels.
      </p>
    ),
  },
  attributes: {
    title: "Attributes kept",
    formula: formula(frac(words("attributes read alike in both"), words("attributes that apply to either"))),
    text: (
      <p>
        A classifier reads hair, eyes, mouth and colours in both pictures; the share that it reads alike. It
        is wrong now and then, so a small difference says little.
      </p>
    ),
  },
  along: {
    title: "Distance along t",
    formula: formula(
      v("d"),
      group(v("t")),
      o("="),
      n(1),
      o("−"),
      words("cos"),
      group(sub(x, v("t")), o(","), sub(y, v("t"))),
    ),
    text: (
      <p>
        How far two trajectories of one seed are apart on their way from noise (t = 0) to the image (t = 1).
        They begin in the same place; where the line leaves the axis, they part. Dashed lines are switches
        from one model to the other. Thick: the mean over the seeds.
      </p>
    ),
  },
  speed: {
    title: "Speed against similarity",
    formula: null,
    text: (
      <p>
        Every point is a setting. Further left is faster, further up is more like the reference. The stepped
        line joins the settings that no other beats in both: the Pareto front. A setting below it costs time,
        likeness or both without a gain.
      </p>
    ),
  },
  nfe: {
    title: "NFE, function evaluations",
    formula: null,
    text: (
      <p>
        How often a network is asked for a velocity. A guided evaluation is one NFE and two network passes.
        Pictures of this grid that begin alike share their beginnings, which are computed once.
      </p>
    ),
  },
} as const satisfies Record<string, NoteText>;

export type NoteName = keyof typeof NOTES;
