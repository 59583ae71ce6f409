import { fail, ok, type Result } from "#bytes/result.ts";
import { toFloat32 } from "#checkpoints/floats.ts";
import type { Manifest } from "#checkpoints/manifest.ts";
import type { RawTensor, TensorMap } from "#checkpoints/tensor.ts";
import { checkTensors } from "#checkpoints/weights.ts";
import { positionTable } from "#kernels/positionTable.ts";
import { ditSizes } from "#models/ditConfig.ts";
import { ModelError } from "#models/modelError.ts";
import { checkPositionTable, POS_EMBED } from "#models/positionCheck.ts";
import { isAdapter, type MergedAdapter, mergeAdapter } from "./adapter.ts";
import type { Draft } from "./draft.ts";
import { fitsOf } from "./fits.ts";
import type { ImportError } from "./importError.ts";
import { type Base, LONGEST_NAME, type LocalNetwork, networkIn } from "./localModel.ts";
import { networkOfShapes, type ReadNetwork, specOf } from "./networkShapes.ts";
import { networkWords } from "./networkWords.ts";
import { problemWords } from "./problemWords.ts";
import type { ReadModel } from "./readModel.ts";
import { parameterCount } from "./weightsFile.ts";

/** A draft with its tensors, in the order of the network's spec and as they will be kept. */
export interface Inspected {
  readonly draft: Draft;
  readonly tensors: TensorMap;
  /** The id that the file was exported with. */
  readonly id: string | null;
}

/** What inspecting asks of its surroundings. */
export interface Surroundings {
  readonly manifest: Manifest;
  /** All tensors of a model that low-rank matrices are for, or a sentence about why they cannot be had. */
  readonly baseTensors: (base: Base, family: string) => Promise<Result<TensorMap, string>>;
}

/** What model the tensors are, checked name by name and number by number. Errors as values; never rejects but for what
 *  `baseTensors` throws. */
export async function inspect(
  read: ReadModel,
  { manifest, baseTensors }: Surroundings,
): Promise<Result<Inspected, ImportError>> {
  const whole = await withBase(read, baseTensors);
  if (!whole.ok) return whole;
  const { tensors, mergedInto } = whole.value;
  const { description } = read;
  const found = networkOf(read, tensors, manifest);
  if (!found) return fail(unknownNetwork(tensors));
  const { network, assumed } = found;
  const problem = problemOf(network, tensors);
  if (problem) return fail(problem);
  const fits = fitsOf(network, manifest, description);
  if (!fits.ok) return fits;
  const spec = specOf(network, tensors);
  const kept = new Map([...spec.keys()].map((name) => [name, keptTensor(tensors.get(name))] as const));
  const draft: Draft = {
    files: read.files,
    source: read.source,
    network,
    assumed,
    fits: fits.value,
    leftOut: [...tensors.keys()].filter((name) => !spec.has(name)),
    precision: [...new Set([...kept.values()].map(({ dtype }) => dtype))].join(", "),
    parameters: parameterCount(kept),
    bytes: [...kept.values()].reduce((sum, { bytes }) => sum + bytes.length, 0),
    mergedInto,
    said: {
      name: description?.name ?? nameOf(read.files[0]),
      classes: description?.classes ?? [],
      licence: description?.licence ?? "",
      recipe: description?.recipe ?? null,
      base: mergedInto ?? description?.base ?? null,
      kind: description?.kind ?? "imported",
      metrics: description?.metrics ?? [],
    },
  };
  return ok({ draft, tensors: kept, id: description?.id ?? null });
}

async function withBase(
  { tensors, description, files }: ReadModel,
  baseTensors: Surroundings["baseTensors"],
): Promise<Result<MergedAdapter, ImportError>> {
  if (!isAdapter(tensors)) return ok({ tensors, mergedInto: null });
  const lora = description?.lora;
  if (!lora) {
    const detail = "These are low-rank matrices that do not say which model they are for.";
    return fail({ kind: "BadDescription", file: files[0], detail });
  }
  const base = await baseTensors(lora.of, description.family);
  if (!base.ok) return fail({ kind: "BaseMissing", base: lora.of.name, detail: base.error });
  return mergeAdapter(tensors, base.value, lora, files[0]);
}

/** The network by what the file says of it; by the shapes when it says nothing. What shapes leave open is what fits a
 *  family: the size of its latents, and whether the label table has a row for "no label". */
function networkOf(
  { description, hints }: ReadModel,
  tensors: TensorMap,
  manifest: Manifest,
): ReadNetwork | null {
  if (description) return { network: networkIn(description), assumed: [] };
  const usual = networkOfShapes(tensors, hints);
  if (!usual) return null;
  const sizes = usual.assumed.includes("input_size") ? latentSizes(manifest) : [];
  const rows = usual.assumed.includes("class_dropout_prob") ? [{}, { class_dropout_prob: 0 }] : [{}];
  const others = [{}, ...sizes.map((input_size) => ({ input_size }))].flatMap((size) =>
    rows.map((row) => networkOfShapes(tensors, { ...hints, ...size, ...row })),
  );
  const fitting = others.find((one) => one && fitsOf(one.network, manifest, null).ok);
  return { ...(fitting ?? usual), assumed: usual.assumed };
}

const latentSizes = ({ families }: Manifest): readonly number[] => [
  ...new Set(families.map(({ latent }) => latent.height)),
];

function problemOf(network: LocalNetwork, tensors: TensorMap): ImportError | null {
  try {
    const checked = checkTensors(tensors, specOf(network, tensors));
    if (!checked.ok)
      return { kind: "WeightsDoNotFit", network: networkWords(network), difference: checked.error };
    const table = tensors.get(POS_EMBED);
    if (network.architecture === "dit" && table) {
      const { grid, tokens } = ditSizes(network.config);
      const width = network.config.hidden_size;
      const stored = { shape: table.shape, values: toFloat32(table) };
      checkPositionTable(stored, positionTable(width, grid), [1, tokens, width]);
    }
    return null;
  } catch (cause) {
    if (!(cause instanceof ModelError)) throw cause;
    const { problem } = cause;
    return problem.kind === "PositionTableDiffers"
      ? problem
      : { kind: "ImpossibleConfig", detail: problemWords(cause) };
  }
}

function unknownNetwork(tensors: TensorMap): ImportError {
  const names = [...tensors.keys()];
  const autoencoder = names.some((name) => /^(decoder|encoder)\.conv_in\./.test(name));
  return {
    kind: "UnknownNetwork",
    looksLike: autoencoder ? "autoencoder" : "nothing known",
    tensors: names.length,
    names: names.slice(0, 8),
  };
}

/** Element types that are kept as they are; the others become f32. */
const KEPT_TYPES: readonly string[] = ["F32", "F16", "BF16"];

function keptTensor(tensor: RawTensor | undefined): RawTensor {
  if (!tensor) throw new RangeError("a tensor that was checked is gone");
  if (KEPT_TYPES.includes(tensor.dtype)) return tensor;
  const values = toFloat32(tensor);
  return { dtype: "F32", shape: tensor.shape, bytes: new Uint8Array(values.buffer) };
}

const nameOf = (file: string): string =>
  file
    .replace(/\.[^.]*$/, "")
    .replace(/-\d{5}-of-\d{5}$/, "")
    .slice(0, LONGEST_NAME) || "Model";
