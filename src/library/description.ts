import * as v from "valibot";
import { isJsonObject, type Json } from "#bytes/json.ts";
import { fail, ok, type Result } from "#bytes/result.ts";
import {
  ditConfig,
  finite,
  metrics,
  plainName,
  recipe,
  text,
  unetConfig,
} from "#checkpoints/manifestEntries.ts";
import { LONGEST_NAME } from "./localModel.ts";
import type { Hints } from "./networkShapes.ts";

const base = v.object({ name: plainName, sha256: v.array(v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))) });

const identity = {
  format: v.literal(1),
  family: text,
  autoencoder: v.nullable(plainName),
  classes: v.array(plainName),
};

const story = {
  id: v.optional(v.string()),
  name: v.optional(v.pipe(text, v.maxLength(LONGEST_NAME))),
  kind: v.optional(v.picklist(["imported", "fine-tuned"])),
  base: v.optional(v.nullable(base)),
  /** Only in a file of low-rank matrices alone. */
  lora: v.optional(
    v.nullable(
      v.object({
        rank: v.pipe(v.number(), v.integer(), v.minValue(1)),
        alpha: v.pipe(finite, v.minValue(Number.MIN_VALUE)),
        of: base,
      }),
    ),
  ),
  recipe: v.optional(v.nullable(recipe)),
  licence: v.optional(v.string()),
  metrics: v.optional(metrics),
  createdAt: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
};

const descriptionSchema = v.variant("architecture", [
  v.object({ architecture: v.literal("dit"), config: ditConfig, ...identity, ...story }),
  v.object({ architecture: v.literal("unet"), config: unetConfig, ...identity, ...story }),
]);

/** What a file of ours says of its model: under METADATA_KEY of a safetensors file, and in the config.json beside it. */
export type Description = v.InferOutput<typeof descriptionSchema>;

/** A description, or a sentence for every place where it departs from the schema. Total. */
export function parseDescription(value: unknown): Result<Description, string> {
  const parsed = v.safeParse(descriptionSchema, value);
  if (parsed.success) return ok(parsed.output);
  return fail(
    parsed.issues.map((issue) => `${v.getDotPath(issue) ?? "the description"}: ${issue.message}`).join("; "),
  );
}

/** What a foreign config says of what tensors do not tell; fields of another kind are passed over. */
export function hintsOf(config: Json): Hints {
  if (!isJsonObject(config)) return {};
  const said = (name: string, least: number) => {
    const value = config.get(name);
    return typeof value === "number" && value >= least ? value : undefined;
  };
  const [heads, dropout] = [said("num_heads", 1), said("class_dropout_prob", 0)];
  const [groups, size] = [said("groups", 1), said("input_size", 1)];
  return {
    ...(heads !== undefined && { num_heads: heads }),
    ...(dropout !== undefined && { class_dropout_prob: dropout }),
    ...(groups !== undefined && { groups }),
    ...(size !== undefined && { input_size: size }),
  };
}
