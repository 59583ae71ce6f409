import { findModel, parseManifest } from "#checkpoints/manifest.ts";
import { type DiTConfig, ditSpec } from "#models/ditConfig.ts";
import type { WeightMap } from "#models/weights.ts";
import { checkpointOf, weightsFrom } from "#workers/weightFiles.ts";

export interface ShippedNetwork {
  readonly config: DiTConfig;
  readonly weights: WeightMap;
}

/** A DiT of the first family, from the files beside `models/manifest.json`. Throws when it is none. */
export async function shippedNetwork(name: "light" | "heavy"): Promise<ShippedNetwork> {
  const manifest = parseManifest(await (await fetch("models/manifest.json")).json());
  if (!manifest.ok) throw new Error(manifest.error);
  const entry = findModel(manifest.value.families[0], name);
  if (entry?.architecture !== "dit") throw new Error(`${name} is no DiT`);
  const shards = entry.files.map(async ({ file }) => {
    const response = await fetch(`models/${file}`);
    return new Uint8Array(await response.arrayBuffer());
  });
  return {
    config: entry.config,
    weights: weightsFrom(checkpointOf(entry.files, await Promise.all(shards)), ditSpec(entry.config)),
  };
}
