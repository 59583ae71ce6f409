import type { Family } from "#checkpoints/manifest.ts";
import type { StoredDataset } from "#datasets/dataset.ts";
import { type Evidence, evidenceOf, type Measured } from "#scoring/evidence.ts";
import { normalisedScore, type ScoreTables } from "#scoring/scoreTables.ts";
import type { EvidenceKey } from "../trainerProtocol.ts";
import type { TrainerContext } from "./context.ts";
import { readMatrix, readScores, readTables } from "./evidenceStore.ts";
import { TrainerFailure } from "./failure.ts";
import { openDataset } from "./latents.ts";
import { jobOfEvidence, proxiesOf, type ScoreKeys, scoreKeys } from "./scoreKeys.ts";

/** What is kept of a data set's evidence, as criteria ask for it. */
export async function measuredOf(dataset: StoredDataset, keys: ScoreKeys, seed: number): Promise<Measured> {
  const samples = dataset.record.count;
  const tables = await readTables(dataset, keys.tables, samples);
  const features = await readMatrix(dataset, keys.features);
  const dominance = await readScores(dataset, keys.dominance);
  return {
    samples,
    seed,
    ...(tables && whole(tables.loss) && { loss: normalisedScore(tables, tables.loss) }),
    ...(tables && whole(tables.gradient) && { gradient: normalisedScore(tables, tables.gradient) }),
    ...(dominance && { dominance }),
    ...(features && { features }),
  };
}

const whole = (table: ScoreTables["loss"]): boolean => !table.some(Number.isNaN);

/** Evidence that a `score` left behind, from memory or from what is attached to its data set. Throws EvidenceMissing. */
export async function recallEvidence(key: EvidenceKey, context: TrainerContext): Promise<Evidence> {
  const { remembered } = context;
  if (remembered.evidence?.key === key) return remembered.evidence.is;
  const job = jobOfEvidence(key);
  if (!job) throw new TrainerFailure({ kind: "EvidenceMissing", evidence: key });
  const family: Family = await context.family(job.family);
  const dataset = await openDataset(job.dataset, context);
  const keys = scoreKeys(family, proxiesOf(family, job), job);
  const is = evidenceOf(await measuredOf(dataset, keys, job.seed));
  remembered.evidence = { key, is };
  return is;
}
