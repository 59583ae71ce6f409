import type { Engine } from "../webgpu/page.ts";
import type { Outcome, WebgpuReport, WebgpuRow } from "../webgpu.ts";
import { megabytes, spread } from "./words.ts";

const NAMES = { own: "ours", plain: "tfjs", onnx: "onnxruntime-web" } as const satisfies Record<
  Engine,
  string
>;
const ENGINES = ["own", "plain", "onnx"] as const;

/** Our WebGPU kernels beside others: commands and memory always, times where the adapter is a real one. */
export function webgpuLines({ adapter, software, chromium, onnxRuntime, rows }: WebgpuReport): string[] {
  const differences = rows.flatMap(({ engines }) =>
    ENGINES.flatMap((engine) => {
      const outcome = engines[engine];
      return outcome.kind === "measured" ? (outcome.difference ?? []) : [];
    }),
  );
  const missing = rows.flatMap(({ model, batch, engines }) =>
    ENGINES.flatMap((engine) => {
      const outcome = engines[engine];
      return outcome.kind === "measured"
        ? []
        : [`- ${model}, batch ${batch}, ${NAMES[engine]}: ${outcome.kind}, ${oneLine(outcome.why)}`];
    }),
  );
  return [
    `The shipped networks in Chromium ${chromium} on ${adapter}, one evaluation with the modulations of its time and label at hand, states and velocities on the device. tfjs is the composition of its own ops (\`?kernels=plain\`); onnxruntime-web ${onnxRuntime} runs the same graph made from config and weights on its WebGPU execution provider, patches cut and modulations computed elsewhere, so that it holds none of the weights that these come from. All three are counted by the calls of WebGPU that they make: dispatches, submissions, and the bytes of buffers that are held after the evaluation (at most until then in brackets). Bytes moved are those that our kernels read and write. Velocities differ by ${Math.max(0, ...differences).toExponential(0)} at most.`,
    "",
    `| Network | Batch | By | Dispatches | Submissions | Memory | Moved |${software ? "" : " Time |"}`,
    `|---|--:|---|--:|--:|--:|--:|${software ? "" : "--:|"}`,
    ...rows.flatMap((row) =>
      ENGINES.map(
        (engine) =>
          `| ${row.model} | ${row.batch} | ${NAMES[engine]} | ${cells(row.engines[engine]).join(" | ")} |${software ? "" : ` ${time(row, engine)} |`}`,
      ),
    ),
    "",
    software
      ? "Times: not measured: software adapter."
      : "Times are of evaluations one after the other, with a wait at the end.",
    ...(missing.length > 0 ? ["", "Not measured:", "", ...missing] : []),
  ];
}

function cells(outcome: Outcome): string[] {
  if (outcome.kind !== "measured") return [`${outcome.kind}`, "", "", ""];
  const { dispatches, submissions, heldBytes, peakBytes, movedBytes } = outcome;
  return [
    String(dispatches),
    String(submissions),
    `${megabytes(heldBytes)} (${megabytes(peakBytes)})`,
    movedBytes === null ? "" : megabytes(movedBytes),
  ];
}

function time({ times }: WebgpuRow, engine: Engine): string {
  const timing = times?.[engine];
  return timing ? spread(timing) : "";
}

/** What an engine said, as a list may hold it. */
const oneLine = (text: string): string => text.replaceAll(/\s+/g, " ").replaceAll("|", "\\|").slice(0, 160);
