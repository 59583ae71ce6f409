import { crc32 } from "#bytes/crc32.ts";
import type { Family } from "#checkpoints/manifest.ts";
import type { EvidenceKey, ScoreJob } from "../trainerProtocol.ts";
import { refuse } from "./failure.ts";
import { latentsKey } from "./latents.ts";
import { type DiTEntry, ditEntry, filesKey } from "./networks.ts";

/** The networks that a scoring looks through. */
export interface Proxies {
  readonly proxy: DiTEntry;
  /** null: the embedding network. */
  readonly features: DiTEntry | null;
}

/** What each part of the evidence is kept under. */
export interface ScoreKeys {
  readonly tables: string;
  readonly features: string;
  readonly dominance: string;
}

/** Throws ModelMissing, NotTrainable, InvalidJob. */
export function proxiesOf(family: Family, { proxy, features }: ScoreJob): Proxies {
  const found = {
    proxy: ditEntry(family, proxy),
    features: features.kind === "model" ? ditEntry(family, features.model) : null,
  };
  for (const entry of [found.proxy, found.features])
    if (entry?.autoencoder !== undefined)
      refuse("proxy", `${entry.name} draws in the latents of another autoencoder than ${family.name}.`);
  if (features.kind === "embedding" && !family.features?.embedding)
    refuse("features", `The family ${family.name} has no embedding network.`);
  return found;
}

/** Everything that decides the numbers is in their key: networks and latents by their files, labels, seed. */
export function scoreKeys(
  family: Family,
  { proxy, features }: Proxies,
  { labels, seed }: ScoreJob,
): ScoreKeys {
  const latents = latentsKey(family.autoencoder);
  const under = `${crc32(new TextEncoder().encode(labels.join())).toString(16)} ${seed} ${latents}`;
  const embedding = family.features?.embedding?.files;
  return {
    tables: `scores ${filesKey(proxy.files)} ${under}`,
    features: features
      ? `features ${filesKey(features.files)} ${under}`
      : `features ${embedding ? filesKey(embedding) : ""}`,
    dominance: `dominance ${seed} ${latents}`,
  };
}

/** The evidence that a job leaves behind: the job itself but for what of it was measured. */
export const evidenceKey = ({ dataset, family, proxy, features, labels, seed }: ScoreJob): EvidenceKey =>
  JSON.stringify({ dataset, family, proxy, features, labels, seed });

/** The job that an evidence is of; null for a text that names none. */
export function jobOfEvidence(key: EvidenceKey): ScoreJob | null {
  const nothing = { loss: false, gradient: false, features: false, dominance: false };
  try {
    return { ...(JSON.parse(key) as Omit<ScoreJob, "measure">), measure: nothing };
  } catch {
    return null;
  }
}
