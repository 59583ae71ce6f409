import { zipSync } from "fflate";
import { expect, test } from "vitest";
import { ok } from "#bytes/result.ts";
import { toFloat32 } from "#checkpoints/floats.ts";
import { exportedFiles } from "#library/exportModel.ts";
import { fineTunedModel } from "#library/fineTuned.ts";
import { modelOfDraft } from "#library/keepDraft.ts";
import type { LocalFiles, LocalModel } from "#library/localModel.ts";
import { loraTraining } from "#training/loraTraining.ts";
import "@tensorflow/tfjs-backend-cpu";
import { tinyFamily } from "../fixtures/tinyFamily.ts";
import { expectOk, readAndInspect, tensorsIn, tinyWeights, tunedTiny, usualAnswers } from "./support.ts";

const NOW = 1_800_000_000_000;

type Wish = Parameters<typeof exportedFiles>[2];

/** Exports a model and imports the files again, as they are or in a zip. */
async function thereAndBack(
  { model, files }: { model: LocalModel; files: LocalFiles },
  wish: Wish,
  how: "all files" | "weights alone" | "zip" = "all files",
) {
  const { manifest, files: shipped } = await tinyFamily();
  const exported = expectOk(exportedFiles(model, files, wish));
  const brought =
    how === "all files"
      ? exported
      : how === "weights alone"
        ? exported.slice(0, 1)
        : [
            {
              name: "model.zip",
              bytes: zipSync(
                Object.fromEntries(exported.map((file) => [`folder/${file.name}`, file.bytes])),
                { level: 0 },
              ),
            },
          ];
  const inspected = expectOk(
    await readAndInspect(brought, manifest, async (base) =>
      ok(tensorsIn(shipped.get(`tiny/${base.name}.safetensors`) ?? new Uint8Array())),
    ),
  );
  const { draft } = inspected;
  return { exported, draft, ...expectOk(await modelOfDraft(inspected, usualAnswers(draft), NOW)) };
}

test.each(["all files", "weights alone", "zip"] as const)(
  "%s: a model that left as f32 comes back as the same one",
  async (how) => {
    const own = await tunedTiny();
    const back = await thereAndBack(own, { precision: "F32", what: "merged" }, how);
    expect(back.model).toEqual({ ...own.model, createdAt: NOW });
    expect(back.files.weights).toEqual(own.files.weights);
    expect(back.draft.assumed).toEqual([]);
  },
);

test("as f16 it is another model of half the size, with each weight the nearest half", async () => {
  const own = await tunedTiny();
  const back = await thereAndBack(own, { precision: "F16", what: "merged" });
  expect(back.model.id).not.toBe(own.model.id);
  expect(back.model.bytes).toBeLessThan(0.6 * own.model.bytes);
  const [exact, halved] = [own, back].map(({ files }) =>
    tensorsIn(files.weights).get("t_embedder.mlp.0.weight"),
  );
  if (!exact || !halved) throw new Error("a weight is missing");
  const values = toFloat32(exact);
  // Half of a unit in the last of 11 bits.
  expect(
    toFloat32(halved).every(
      (half, i) => Math.abs(half - values[i]) <= 2 ** -11 * Math.abs(values[i]) + 2 ** -25,
    ),
  ).toBe(true);
});

test("a further class goes with the model, and with its name", async () => {
  const { entry, weights } = await tinyWeights("light");
  if (entry.architecture !== "dit") throw new Error("the light model is a DiT");
  const table = weights.get("y_embedder.embedding_table.weight");
  if (!table) throw new Error("no label table");
  const larger = new Map([
    ...weights,
    [
      table === undefined ? "" : "y_embedder.embedding_table.weight",
      { shape: [4, 16], values: Float32Array.from([...table.values, ...table.values.slice(-16)]) },
    ] as const,
  ]);
  const own = await tunedTiny({
    config: { ...entry.config, num_classes: 3 },
    classes: ["fruit"],
    weights: larger,
  });
  const { model, draft } = await thereAndBack(own, { precision: "F32", what: "merged" });
  expect(draft.fits[0]).toEqual({ family: "tiny", autoencoder: null, newClasses: 1 });
  expect(model).toMatchObject({ id: own.model.id, classes: ["fruit"] });
});

test("low-rank matrices alone, brought to where their base is, give the very model that was trained", async () => {
  const { entry, weights } = await tinyWeights("light");
  if (entry.architecture !== "dit") throw new Error("the light model is a DiT");
  const options = { rank: 2, alpha: 3, layers: ["attn.qkv", "mlp.fc1"] };
  const training = loraTraining(entry.config, weights, options, 5);
  const values = training.initial().map((value, i) => value + Math.sin(i) / 8);
  const own = await tunedTiny({
    weights: training.weights(values),
    lora: { ...options, adapter: training.adapter(values) },
  });
  training.dispose();
  const back = await thereAndBack(own, { precision: "F32", what: "adapter" }, "weights alone");
  expect(back.exported[0].bytes.length).toBeLessThan(own.files.weights.length / 2);
  expect(back.model.sha256).toBe(own.model.sha256);
  expect(back.draft.mergedInto).toEqual(own.model.base);
});

test("equal weights under another number of heads are another model", async () => {
  const { model } = await tunedTiny();
  const { entry } = await tinyWeights("light");
  if (entry.architecture !== "dit") throw new Error("the light model is a DiT");
  const other = await tunedTiny({ config: { ...entry.config, num_heads: 4 } });
  expect(other.model.id).not.toBe(model.id);
});

test("a model without low-rank matrices has none to export", async () => {
  const { model, files } = await tunedTiny();
  expect(exportedFiles(model, files, { precision: "F32", what: "adapter" }).ok).toBe(false);
});

test("a weight that no half can hold is not made infinite", async () => {
  const { weights } = await tinyWeights("light");
  const huge = new Map([
    ...weights,
    ["final_layer.linear.bias", { shape: [16], values: new Float32Array(16).fill(1e6) }] as const,
  ]);
  const { model, files } = await tunedTiny({ weights: huge });
  expect(exportedFiles(model, files, { precision: "F16", what: "merged" })).toMatchObject({
    ok: false,
    error: /^final_layer\.linear\.bias/,
  });
});

test("the card and the config say what is known of the model", async () => {
  const { model, files } = await tunedTiny();
  const exported = expectOk(exportedFiles(model, files, { precision: "F16", what: "merged" }));
  const text = (name: string) => new TextDecoder().decode(exported.find((file) => file.name === name)?.bytes);
  expect(exported.map(({ name }) => name)).toEqual([`${model.id}.safetensors`, "config.json", "README.md"]);
  expect(JSON.parse(text("config.json"))).toMatchObject({
    architecture: "dit",
    family: "tiny",
    licence: "CC0",
    recipe: { steps: 200 },
  });
  expect(text("README.md")).toContain("| Data | 12 pictures of fruits, from light |");
});

test("a run that left the position table out gives a whole file all the same", async () => {
  const { entry, weights } = await tinyWeights("light");
  if (entry.architecture !== "dit") throw new Error("the light model is a DiT");
  const { pos_embed: _, ...rest } = Object.fromEntries(weights);
  const made = {
    ...(await tunedTiny()).model,
    weights: new Map(Object.entries(rest)),
    lora: null,
    architecture: entry.architecture,
    config: entry.config,
  };
  const { files } = await fineTunedModel(made);
  expect(tensorsIn(files.weights).get("pos_embed")?.shape).toEqual([1, 4, 16]);
});
