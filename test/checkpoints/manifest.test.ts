import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Family, filesOf, findFamily, findModel, parseManifest } from "#checkpoints/manifest.ts";
import { isPartName } from "#checkpoints/parts.ts";
import { tinyFamily } from "../fixtures/tinyFamily.ts";

const models = join(import.meta.dirname, "../../public/models");
const shipped = (): unknown => JSON.parse(readFileSync(join(models, "manifest.json"), "utf8"));

/** The shipped manifest, parsed; fails the test when it is not valid. */
function manifest() {
  const parsed = parseManifest(shipped());
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

/** The shipped manifest with one value replaced, addressed by a path of keys. */
function altered(path: readonly (string | number)[], value: unknown): unknown {
  const copy = shipped();
  let at: unknown = copy;
  for (const key of path.slice(0, -1)) at = Reflect.get(Object(at), key);
  Reflect.set(Object(at), path[path.length - 1] ?? "", value);
  return copy;
}

describe("the shipped manifest", () => {
  test("passes its own schema", () => expect(parseManifest(shipped())).toMatchObject({ ok: true }));

  test("gives size and sha256 of every file as they are on disk", () => {
    for (const family of manifest().families)
      for (const part of ["decoder", "encoder", ...family.models.map((m) => m.name)])
        for (const { file, bytes, sha256 } of filesOf(family, part) ?? []) {
          const content = readFileSync(join(models, file));
          expect([file, content.length, createHash("sha256").update(content).digest("hex")]).toEqual([
            file,
            bytes,
            sha256,
          ]);
        }
  });

  test("keeps the first visit within its budget: 5 MB to the first image, 30 MB in all, 15 MiB a file", () => {
    for (const family of manifest().families) {
      const size = (...parts: string[]) =>
        parts.flatMap((p) => filesOf(family, p) ?? []).reduce((sum, f) => sum + f.bytes, 0);
      expect(size("decoder", "light")).toBeLessThanOrEqual(5e6);
      expect(size("decoder", "light", "heavy", "encoder")).toBeLessThanOrEqual(30e6);
      for (const part of ["decoder", "light", "heavy", "encoder"])
        for (const f of filesOf(family, part) ?? []) expect(f.bytes).toBeLessThanOrEqual(15 * 2 ** 20);
    }
  });

  test("credits an artist and a licence for every class", () => {
    const family = findFamily(manifest(), "avatars-64");
    expect(family?.classes.map((c) => c.name)).toEqual([
      "adventurer",
      "bigSmile",
      "dylan",
      "lorelei",
      "micah",
      "openPeeps",
      "personas",
      "toonHead",
    ]);
  });
});

describe("looking up", () => {
  test("light and heavy go by role, the heavy one in shard order", () => {
    const family = manifest().families[0];
    if (!family) throw new Error("no family");
    expect(findModel(family, "light")?.config).toMatchObject({ depth: 4 });
    expect(filesOf(family, "heavy")?.map((f) => f.file)).toEqual(
      [1, 2, 3, 4].map((i) => `avatars-64/heavy-0000${i}-of-00004.safetensors`),
    );
    expect(filesOf(family, "other")).toBeUndefined();
  });

  test("feature networks go by their names, which no model can have", async () => {
    const { manifest: tiny } = await tinyFamily();
    const [family] = tiny.families;
    for (const part of ["embedding", "classifier"] as const) {
      expect(isPartName(part)).toBe(true);
      expect(filesOf(family, part)?.map(({ file }) => file)).toEqual([`tiny/${part}.safetensors`]);
      expect(filesOf({ ...family, features: {} }, part)).toBeUndefined();
      const models = family.models.map((model) =>
        model.role === "variant" ? { ...model, name: part } : model,
      );
      const parsed = parseManifest({ ...tiny, families: [{ ...family, models: models.slice(0, 3) }] });
      expect(parsed.ok || parsed.error).toContain(`no model but the ${part} one can have this name`);
    }
  });
});

describe("a manifest is refused, with the place named, when", () => {
  const first = ["families", 0] as const;
  test.each([
    ["it has another format number", ["format"], 2, "format"],
    ["it lists no family", ["families"], [], "families"],
    [
      "a file leaves its folder",
      [...first, "models", 0, "files", 0, "file"],
      "../x.safetensors",
      "families.0.models.0.files.0.file",
    ],
    [
      "a file has a scheme",
      [...first, "models", 0, "files", 0, "file"],
      "https://a/b.safetensors",
      "files.0.file",
    ],
    ["a hash is not one", [...first, "models", 0, "files", 0, "sha256"], "abc", "sha256"],
    ["a size is not whole", [...first, "models", 0, "files", 0, "bytes"], 1.5, "bytes"],
    ["labels are out of order", [...first, "classes", 0, "label"], 1, "label order"],
    [
      "a model has another number of classes",
      [...first, "models", 0, "config", "num_classes"],
      9,
      "number of classes",
    ],
    ["a model has other latents", [...first, "models", 0, "config", "in_channels"], 8, "latents differ"],
    ["the preview has another number of columns", [...first, "preview", "matrix", 0], [1, 2], "column"],
    ["a number is not finite", [...first, "preview", "bias", 0], Number.NaN, "bias"],
    [
      "a variant does not say what differs",
      [...first, "models", 0, "role"],
      "variant",
      "light: a variant needs",
    ],
    ["two models have one name", [...first, "models", 1, "name"], "light", "two models are called light"],
    [
      "two models have one role",
      [...first, "models", 1, "role"],
      "light",
      "more than one model has the role light",
    ],
    [
      "a model's name means something else",
      [...first, "models", 0, "name"],
      "c2f",
      "no model but the c2f one",
    ],
    ["a name could not stand in a link", [...first, "models", 0, "name"], "a b", "not a plain name"],
    [
      "an autoencoder is missing",
      [...first, "models", 0, "autoencoder"],
      "other",
      "light: there is no autoencoder other",
    ],
    ["a DiT's config is called a U-Net's", [...first, "models", 0, "architecture"], "unet", "base_channels"],
    ["an architecture is unknown", [...first, "models", 0, "architecture"], "rnn", "architecture"],
    [
      "a recipe does not say its steps",
      [...first, "models", 0, "recipe", "steps"],
      undefined,
      "recipe.steps",
    ],
    [
      "a metric lies outside its interval",
      [...first, "models", 0, "metrics"],
      [{ name: "FD", value: 3, low: 1, high: 2 }],
      "light: FD lies outside",
    ],
    [
      "a metric is given twice",
      [...first, "models", 0, "metrics"],
      [
        { name: "FD", value: 3 },
        { name: "FD", value: 4 },
      ],
      "light: FD is given twice",
    ],
  ] as const)("%s", (_, path, value, named) => {
    const parsed = parseManifest(altered(path, value));
    expect(parsed).toMatchObject({ ok: false, error: expect.stringContaining(named) });
  });

  test("a U-Net's table lacks the row for no label, or a model's latents are not its autoencoder's", async () => {
    const { manifest: tiny } = await tinyFamily();
    expect(parseManifest(tiny)).toMatchObject({ ok: true });
    const change = (alter: (family: Family) => void) => {
      const copy = structuredClone(tiny);
      if (copy.families[0]) alter(copy.families[0]);
      const parsed = parseManifest(copy);
      return parsed.ok ? "" : parsed.error;
    };
    const model = (family: Family, name: string) => Object(family.models.find((one) => one.name === name));
    expect(change((f) => Reflect.set(model(f, "round").config, "num_classes", 2))).toContain(
      "round: the model has another number of classes (2 label rows, not 3)",
    );
    expect(change((f) => Reflect.deleteProperty(model(f, "foreign"), "autoencoder"))).toContain(
      "foreign: the model's latents differ from the family's: [2, 4], not [4, 4]",
    );
    expect(change((f) => Reflect.set(f.autoencoders?.[0]?.config ?? {}, "image_size", 16))).toContain(
      "second: the autoencoder's pictures have another size",
    );
  });

  test("the classifier's classes, attributes and accuracies do not fit together", async () => {
    const { manifest: tiny } = await tinyFamily();
    const withClassifier = (config: object, accuracy: object) => {
      const [family] = tiny.families;
      const recipe = family?.models[0]?.recipe;
      const files = family?.models[0]?.files;
      const trunk = {
        image_size: 8,
        widths: [8],
        residual_blocks: [0],
        norm_groups: 8,
        reduced: 8,
        hidden: 8,
      };
      const heads = [{ name: "one.hair", styles: ["one"], values: ["short", "long"] }];
      const classifier = {
        config: { ...trunk, styles: ["one", "two"], heads, ...config },
        accuracy: { class: 1, heads: { "one.hair": 0.9 }, ...accuracy },
        ...{ files, recipe, parameters: 1, licence: "MIT", card: "none.md" },
      };
      const parsed = parseManifest({ ...tiny, families: [{ ...family, features: { classifier } }] });
      return parsed.ok ? "" : parsed.error;
    };
    expect(withClassifier({}, {})).toBe("");
    expect(withClassifier({ styles: ["two", "one"] }, {})).toContain("other classes than the family");
    expect(withClassifier({}, { heads: {} })).toContain("one.hair has no accuracy");
    expect(withClassifier({}, { heads: { "one.hair": 1, "one.eyes": 1 } })).toContain(
      "no attribute one.eyes",
    );
    expect(withClassifier({}, { class: 1.5 })).toContain("accuracy.class");
  });

  test.each([[null], [3], ["x"], [[]], [{}]])("it is %j", (value) =>
    expect(parseManifest(value).ok).toBe(false),
  );
});
