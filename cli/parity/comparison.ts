import { CaseError } from "./caseError.ts";
import type { GoldenCase, Limits } from "./goldenCase.ts";
import type { HostTensor } from "./hostTensor.ts";

/** How closely a value must agree: within atol + rtol |want|, within some levels, or exactly. */
export type Closeness = Limits | "exact" | { readonly levels: number };

/** The worst disagreement of a case so far. */
export interface Worst {
  readonly tensor: string;
  /** |got − want| */
  readonly error: number;
  /** error / (atol + rtol |want|); above 1 fails, 0 or infinite where levels or equality decide. */
  readonly ratio: number;
}

/** Byte images may differ by one level, index lists not at all; all else by the case's own limits. */
function closenessOf(output: string, limits: Limits | null): Closeness {
  if (output.includes("uint8")) return { levels: 1 };
  if (/(^|\.)(indices|labels|vq_indices|used_fine|sizes|kcenter|herding_|Cb_quota_)/.test(output))
    return "exact";
  if (limits === null) throw new CaseError(`the case has no atol and rtol to judge ${output} by`);
  return limits;
}

/** NaN when got or want is, which no comparison below lets pass. */
function ratioOf(error: number, want: number, closeness: Closeness): number {
  if (closeness === "exact") return error === 0 ? 0 : Number.POSITIVE_INFINITY;
  if ("levels" in closeness) return error <= closeness.levels ? 0 : Number.POSITIVE_INFINITY;
  return error === 0 ? 0 : error / (closeness.atol + closeness.rtol * Math.abs(want));
}

/** Collects what a case's outputs are against what they should be. */
export class Comparison {
  #worst: Worst | null = null;
  readonly #open: Set<string>;

  constructor(
    readonly golden: GoldenCase,
    readonly limits: Limits | null,
  ) {
    this.#open = new Set(golden.outputs);
  }

  /** Compares an output, named without "out.", if the case holds it: a case may ask for a part of what its kind can
   *  compute. `closeness` stands in for what the output's name and the case's limits say. Throws CaseError for another
   *  shape. */
  output(name: string, got: HostTensor, closeness?: Closeness): void {
    const full = `out.${name}`;
    const want = this.golden.tensors.get(full);
    if (!want) return;
    if (got.shape.length !== want.shape.length || got.shape.some((size, i) => size !== want.shape[i])) {
      throw new CaseError(`${full} has shape [${got.shape}], expected [${want.shape}]`);
    }
    this.values(full, got.values, want.values, closeness ?? closenessOf(full, this.limits));
    this.#open.delete(full);
  }

  /** Compares an output that lists indices in any order. Throws CaseError as `output` does. */
  set(name: string, got: ArrayLike<number>): void {
    const full = `out.${name}`;
    const want = this.golden.tensors.get(full);
    if (!want) return;
    this.values(full, Float64Array.from(got).sort(), Float64Array.from(want.values).sort(), "exact");
    this.#open.delete(full);
  }

  /** Compares numbers that are no tensor of the case's file. */
  values(name: string, got: ArrayLike<number>, want: ArrayLike<number>, closeness: Closeness): void {
    if (got.length !== want.length)
      throw new CaseError(`${name} has ${got.length} values, expected ${want.length}`);
    for (let i = 0; i < want.length; i++) {
      const wanted = want[i] as number;
      const error = Math.abs((got[i] as number) - wanted);
      const ratio = Number.isNaN(error) ? Number.POSITIVE_INFINITY : ratioOf(error, wanted, closeness);
      if (this.#worst === null || ratio > this.#worst.ratio) this.#worst = { tensor: name, error, ratio };
    }
  }

  /** The worst of all that was compared. Throws CaseError when an output of the case was left out, or nothing
   *  was compared at all: silence is no agreement. */
  verdict(): Worst {
    if (this.#open.size > 0) throw new CaseError(`nothing was computed for ${[...this.#open].join(", ")}`);
    if (this.#worst === null) throw new CaseError("the case has nothing to compare");
    return this.#worst;
  }
}
