import * as v from "valibot";
import { familyProblems } from "./familyProblems.ts";
import { type FamilyFields, familySchema } from "./familySchema.ts";

/** The manifest of everything the page can download: families, each an autoencoder with its velocity models.
 *  It comes from outside, so it passes this schema once at the border and is typed and trusted from there on.
 *  `scripts/make-manifest.mjs` writes it. File names are relative to the manifest's own address. */

const family = v.pipe(
  familySchema,
  v.rawCheck(({ dataset, addIssue }) => {
    if (dataset.typed) for (const message of familyProblems(dataset.value)) addIssue({ message });
  }),
);

export const manifestSchema = v.object({
  format: v.literal(1),
  families: v.pipe(v.array(family), v.minLength(1)),
});

export type Family = FamilyFields;
export type Manifest = v.InferOutput<typeof manifestSchema>;
export type ModelEntry = Family["models"][number];
/** The family's own autoencoder, or a further one. */
export type AutoencoderEntry = Family["autoencoder"];
/** One file to download: name relative to the manifest, size and hash. */
export type FileEntry = ModelEntry["files"][number];

/** A decoder: the family's own, or that of a further autoencoder by its name. */
export type DecoderPart = "decoder" | `decoder:${string}`;
/** A velocity model: those of a role by the role, any other by its name. */
export type ModelPart = "light" | "heavy" | `model:${string}`;
/** A network that looks at pictures. */
export type FeaturePart = "embedding" | "classifier";
/** What can be loaded of a family: to draw with, and to look at what was drawn. */
export type PartName = DecoderPart | ModelPart | FeaturePart;

/** The manifest, or one sentence for every place where `value` departs from the schema. Never throws. */
export function parseManifest(value: unknown): { ok: true; value: Manifest } | { ok: false; error: string } {
  const parsed = v.safeParse(manifestSchema, value);
  if (parsed.success) return { ok: true, value: parsed.output };
  return {
    ok: false,
    error: parsed.issues.map((issue) => `${v.getDotPath(issue) ?? "manifest"}: ${issue.message}`).join("; "),
  };
}

export const findFamily = (manifest: Manifest, name: string): Family | undefined =>
  manifest.families.find((f) => f.name === name);

/** The model that serves a role, or that carries this name; undefined when the family has none. */
export const findModel = (of: Family, roleOrName: string): ModelEntry | undefined =>
  of.models.find((m) => m.role === roleOrName && m.role !== "variant") ??
  of.models.find((m) => m.name === roleOrName);

/** A further autoencoder by its name, or the family's own for undefined; undefined when the family has none such. */
export const findAutoencoder = (of: Family, name: string | undefined): AutoencoderEntry | undefined =>
  name === undefined ? of.autoencoder : of.autoencoders?.find((one) => one.name === name);

/** Files of a part in shard order; undefined when the family has no such part. part: `decoder` or `encoder`, with `:NAME`
 *  those of a further autoencoder; `embedding` or `classifier`; a role, a model's name, or `model:NAME`. */
export function filesOf(of: Family, part: string): readonly FileEntry[] | undefined {
  const [kind, name] = part.split(":", 2);
  if (kind === "decoder") return findAutoencoder(of, name)?.decoder.files;
  if (kind === "encoder") return findAutoencoder(of, name)?.encoder.files;
  if (part === "embedding" || part === "classifier") return of.features?.[part]?.files;
  return findModel(of, name ?? part)?.files;
}
