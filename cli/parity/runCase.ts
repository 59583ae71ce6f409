import { engine, getBackend } from "@tensorflow/tfjs-core";
import type { CaseFolder } from "./caseFolder.ts";
import { Comparison, type Worst } from "./comparison.ts";
import { readGoldenCase } from "./goldenCase.ts";
import { KINDS } from "./kinds.ts";

/** What became of a case. */
export type Outcome =
  | { readonly case: string; readonly status: "passed"; readonly worst: Worst | null }
  | {
      readonly case: string;
      readonly status: "failed";
      readonly worst: Worst | null;
      readonly reason: string;
    }
  | { readonly case: string; readonly status: "not yet"; readonly kind: string };

/** Runs the case in `file` on the backend in use and compares its outputs: within atol and rtol on WebGPU, within the
 *  tight limits on cpu and wasm, which compute in plain float32. Never throws: whatever goes wrong is a failed case
 *  with its sentence. Every tensor of the case is released. */
export async function runCase(folder: CaseFolder, file: string): Promise<Outcome> {
  const name = file.replace(/\.json$/, "");
  engine().startScope();
  try {
    const golden = await readGoldenCase(folder, file);
    const kind = KINDS.get(golden.kind);
    if (kind === undefined) return failed(name, `nothing here knows the kind "${golden.kind}"`);
    if (kind === "not yet") return { case: name, status: "not yet", kind: golden.kind };
    const compare = new Comparison(
      golden,
      golden.limits?.[getBackend() === "webgpu" ? "gpu" : "tight"] ?? null,
    );
    await kind({ golden, compare, folder });
    const worst = compare.verdict();
    if (worst.ratio <= 1) return { case: name, status: "passed", worst };
    return failed(name, `${worst.tensor} is off by ${worst.error.toPrecision(3)}`, worst);
  } catch (cause) {
    return failed(name, cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause));
  } finally {
    engine().endScope();
  }
}

const failed = (name: string, reason: string, worst: Worst | null = null): Outcome => ({
  case: name,
  status: "failed",
  worst,
  reason,
});
