import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseManifest } from "#checkpoints/manifest.ts";
import { writeSafetensors } from "#checkpoints/safetensors.ts";
import { overBudget, weigh } from "../../scripts/manifest/budget.mjs";
import { wrongMetrics } from "../../scripts/manifest/metrics.mjs";
import { tinyFamily } from "../fixtures/tinyFamily.ts";

const SCRIPT = join(import.meta.dirname, "../../scripts/make-manifest.mjs");

/** A family of parts of these sizes in bytes. */
const familyOf = (
  sizes: Record<string, number>,
  variants: readonly { name: string; group: string; bytes: number }[] = [],
) => {
  const part = (name: string, bytes = sizes[name] ?? 0) => ({
    files: [{ file: `x/${name}.safetensors`, bytes }],
  });
  return {
    name: "x",
    autoencoder: { decoder: part("decoder"), encoder: part("encoder") },
    models: [
      { name: "light", role: "light", ...part("light") },
      { name: "heavy", role: "heavy", ...part("heavy") },
      ...variants.map(({ name, group, bytes }) => ({ name, group, role: "variant", ...part(name, bytes) })),
    ],
    autoencoders: [{ name: "other", decoder: part("other-decoder"), encoder: part("other-encoder") }],
    features: { embedding: part("embedding"), classifier: part("classifier") },
  };
};
const variant = (group: string, bytes: number) => [{ name: "v", group, bytes }];

describe("the budget", () => {
  test("counts decoder and light for the first picture, and six parts in all, without variants", () =>
    expect(
      weigh(
        familyOf(
          { decoder: 1, encoder: 2, light: 4, heavy: 8, embedding: 16, classifier: 32, "other-decoder": 64 },
          variant("data", 128),
        ),
      ),
    ).toEqual({ firstPicture: 5, family: 63 }));

  test.each([
    ["a first picture of 5 MB", familyOf({ decoder: 2e6, light: 3e6 })],
    ["30 MB in all", familyOf({ heavy: 15e6, embedding: 15e6 })],
    ["a variant of 3 MB", familyOf({}, variant("data", 3e6))],
    ["a wide variant of 6 MB", familyOf({}, variant("width", 6e6))],
    [
      "a variant as heavy as the heavy model, with other headers",
      familyOf({ heavy: 14e6 }, variant("heavy", 14e6 + 4096)),
    ],
    ["another autoencoder of 5 MB", familyOf({ "other-decoder": 3e6, "other-encoder": 2e6 })],
  ])("allows %s", (_, family) => expect(overBudget(family)).toEqual([]));

  test.each([
    ["a first picture over 5 MB", familyOf({ decoder: 2e6, light: 3e6 + 1 }), "decoder and light model"],
    ["more than 30 MB in all", familyOf({ heavy: 15e6, embedding: 15e6, encoder: 1 }), "encoder, light"],
    ["a variant over 3 MB", familyOf({}, variant("data", 3e6 + 1)), "x: v weighs 3.00 MB"],
    ["a wide variant over 6 MB", familyOf({}, variant("width", 6e6 + 1)), "x: v weighs"],
    [
      "a variant heavier than the heavy model",
      familyOf({ heavy: 14e6 }, variant("heavy", 14e6 + 4097)),
      "x: v",
    ],
    ["another autoencoder over 5 MB", familyOf({ "other-decoder": 5e6, "other-encoder": 1 }), "x: other"],
    ["a file over 15 MiB", familyOf({ heavy: 15 * 2 ** 20 + 1 }), "x/heavy.safetensors weighs 15.73 MB"],
  ])("names %s", (_, family, said) => expect(overBudget(family)).toEqual([expect.stringContaining(said)]));
});

test("a metric outside its interval, not finite or given twice is named with its part", () => {
  const metrics = [
    { name: "good", value: 1, low: 0, high: 2 },
    { name: "outside", value: 3, low: 0, high: 2 },
    { name: "endless", value: 1, high: Number.POSITIVE_INFINITY },
    { name: "good", value: 1 },
  ];
  const wrong = wrongMetrics({ name: "x", autoencoder: {}, models: [{ name: "light", metrics }] });
  expect(wrong.map((sentence) => sentence.split(": ")[1].split(" ")[0])).toEqual([
    "outside",
    "endless",
    "good",
  ]);
  expect(wrong[0]).toMatch(/^x\/light: outside/);
});

describe("make-manifest", () => {
  let root = "";
  /** The tiny family as files on disk, with everything but sizes, hashes, configs and counts in family.json. */
  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), "steadyflow-manifest-"));
    const { manifest, files } = await tinyFamily();
    mkdirSync(join(root, "tiny"));
    const [family] = manifest.families;
    if (!family) throw new Error("no family");
    const write = (stem: string, file: string, config: object) => {
      const { header, data } = split(files.get(file) ?? new Uint8Array());
      writeFileSync(join(root, "tiny", `${stem}.safetensors`), joined({ ...header, ...about(config) }, data));
    };
    const told = ({ recipe, licence, card }: (typeof family)["autoencoder"]) => ({ recipe, licence, card });
    for (const { name, architecture, config } of family.models)
      write(name, `tiny/${name}.safetensors`, { architecture, ...config });
    for (const half of ["decoder", "encoder"]) {
      write(`autoencoder-${half}`, `tiny/${half}.safetensors`, family.autoencoder.config);
      for (const other of family.autoencoders ?? [])
        write(`${other.name}-${half}`, `tiny/${other.name}-${half}.safetensors`, other.config);
    }
    const { title, classes, defaults, preview } = family;
    writeFileSync(
      join(root, "tiny/family.json"),
      JSON.stringify({
        ...{ title, classes, defaults, preview },
        autoencoder: told(family.autoencoder),
        autoencoders: family.autoencoders?.map((other) => ({
          name: other.name,
          about: other.about,
          ...told(other),
        })),
        models: family.models.map(({ files: _, parameters, config, architecture, ...rest }) => rest),
      }),
    );
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const run = (...args: string[]) =>
    spawnSync(process.execPath, [SCRIPT, "--root", root, ...args], { encoding: "utf8" });
  const manifest = () => readFileSync(join(root, "manifest.json"), "utf8");

  test("writes a manifest that the page accepts, with configs and architectures from the weights", () => {
    execFileSync(process.execPath, [SCRIPT, "--root", root]);
    const parsed = parseManifest(JSON.parse(manifest()));
    if (!parsed.ok) throw new Error(parsed.error);
    const round = parsed.value.families[0]?.models.find((model) => model.name === "round");
    expect(round).toMatchObject({
      architecture: "unet",
      config: { base_channels: 4 },
      group: "architecture",
    });
    expect(parsed.value.families[0]?.autoencoders?.[0]?.config.latent_channels).toBe(2);
    expect(run("--check").status).toBe(0);
  });

  test("renews the networks in a model card and nothing else of it", () => {
    const card = join(root, "tiny/README.md");
    const [before, after] = [
      "# tiny\n\n<!-- networks: made from the manifest -->",
      "<!-- end of networks -->\n\nBy hand.\n",
    ];
    writeFileSync(card, `${before}\nold\n${after}`);
    expect(run("--check")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("tiny/README.md is out of date"),
    });
    expect(run().status).toBe(0);
    const written = readFileSync(card, "utf8");
    expect(written.startsWith(before)).toBe(true);
    expect(written.endsWith(after)).toBe(true);
    expect(written).not.toContain("old");
    expect(written).toMatch(
      /\| light \| DiT 1 × 16, patch 2 \| 0\.\d\d M \|.*\| 1 samples, 1 minutes on none \|.*Random weights\. \|/,
    );
    for (const name of ["round", "autoencoder", "second"]) expect(written).toContain(`| ${name} |`);
    expect(run("--check").status).toBe(0);
  });

  test("says in a model card of how many samples the minutes are", () => {
    const [card, entries] = [join(root, "tiny/README.md"), join(root, "tiny/family.json")];
    writeFileSync(card, "<!-- networks: made from the manifest -->\n<!-- end of networks -->\n");
    const family = JSON.parse(readFileSync(entries, "utf8"));
    Object.assign(family.models[0].recipe, {
      samples_seen: 1_781_000,
      minutes: 17.6,
      notes: "began with weights; minutes count from sample 1,461,000 on",
    });
    writeFileSync(entries, JSON.stringify(family));
    expect(run().status).toBe(0);
    const written = readFileSync(card, "utf8");
    expect(written).toContain("| 1,781,000 samples, 18 minutes for the last 320,000 on none |");
    expect(written).toContain("| 1 samples, 1 minutes on none |");
  });

  test("leaves a model card without a place for networks alone", () => {
    const card = join(root, "tiny/README.md");
    writeFileSync(card, "# tiny\n");
    run();
    expect(readFileSync(card, "utf8")).toBe("# tiny\n");
  });

  test("finds weights that are not those of the manifest", () => {
    run();
    const path = join(root, "tiny/light.safetensors");
    const bytes = readFileSync(path);
    bytes[bytes.length - 1] ^= 1;
    writeFileSync(path, bytes);
    expect(run("--check")).toMatchObject({ status: 1, stderr: expect.stringContaining("out of date") });
  });

  test.each([
    ["no weights", (file: string) => rmSync(file), "no weights called light"],
    [
      "no config",
      (file: string) => writeFileSync(file, writeSafetensors(new Map())),
      "light.safetensors does not say its config",
    ],
    [
      "one shard of two",
      (file: string) => {
        writeFileSync(file.replace(".safetensors", "-00001-of-00002.safetensors"), readFileSync(file));
        rmSync(file);
      },
      "light has 1 of 2 shards",
    ],
  ])("refuses a model with %s, and leaves the manifest as it was", (_, spoil, said) => {
    run();
    const before = manifest();
    spoil(join(root, "tiny/light.safetensors"));
    expect(run()).toMatchObject({ status: 1, stderr: expect.stringContaining(said) });
    expect(manifest()).toBe(before);
  });
});

/** Header and data of a safetensors file. */
function split(bytes: Uint8Array): { header: Record<string, unknown>; data: Uint8Array } {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  return {
    header: JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))),
    data: bytes.subarray(8 + length),
  };
}

const about = (config: object) => ({ __metadata__: { config: JSON.stringify(config) } });

function joined(header: Record<string, unknown>, data: Uint8Array): Uint8Array {
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, data]);
}
