import { engine, getBackend } from "@tensorflow/tfjs-core";
import type { CaseFolder } from "./caseFolder.ts";
import { Comparison } from "./comparison.ts";
import { type GoldenCase, type Limits, readGoldenCase } from "./goldenCase.ts";
import { KINDS, tightSlack } from "./kinds.ts";
import { failed, type Outcome, sentenceOf } from "./outcome.ts";

/** Runs the case in `file` on the backend in use and compares its outputs: within atol and rtol on WebGPU, within the
 *  tight limits with their slack on cpu and wasm, which compute in plain float32. Never throws: whatever
 *  goes wrong is a failed case with its sentence. Every tensor of the case is released. */
export async function runCase(folder: CaseFolder, file: string): Promise<Outcome> {
  const name = file.replace(/\.json$/, "");
  engine().startScope();
  try {
    const golden = await readGoldenCase(folder, file);
    const kind = KINDS.get(golden.kind);
    if (kind === undefined) return { case: name, status: "unknown", kind: golden.kind };
    const compare = new Comparison(golden, limitsFor(golden, getBackend()));
    await kind({ golden, compare, folder });
    const worst = compare.verdict();
    if (worst.ratio <= 1) return { case: name, status: "passed", worst };
    return failed(name, `${worst.tensor} is off by ${worst.error.toPrecision(3)}`, worst);
  } catch (cause) {
    return failed(name, sentenceOf(cause));
  } finally {
    engine().endScope();
  }
}

function limitsFor({ kind, limits }: GoldenCase, backend: string): Limits | null {
  if (limits === null || backend === "webgpu") return limits?.gpu ?? null;
  const slack = tightSlack(kind);
  return {
    atol: Math.min(slack * limits.tight.atol, limits.gpu.atol),
    rtol: Math.min(slack * limits.tight.rtol, limits.gpu.rtol),
  };
}
