import { tensor4d } from "@tensorflow/tfjs-core";
import type { Family } from "#checkpoints/manifest.ts";
import type { StoredDataset } from "#datasets/dataset.ts";
import type { LatentSet } from "#flow/latentSet.ts";
import { uploadDiT } from "#models/dit.ts";
import { disposeTensors } from "#models/tensors.ts";
import { dominance } from "#scoring/dominance.ts";
import { type Evidence, evidenceOf, type Measured } from "#scoring/evidence.ts";
import { blockFeatures } from "#scoring/features.ts";
import type { Matrix } from "#scoring/matrix.ts";
import type { ProxyNetwork } from "#scoring/proxyNetwork.ts";
import { type ScoreProgress, scoreSamples } from "#scoring/scoreSamples.ts";
import { emptyTables } from "#scoring/scoreTables.ts";
import { scoringNoises } from "#scoring/scoringNoises.ts";
import type { ScoreJob, TrainerPhase } from "../trainerProtocol.ts";
import type { TrainerContext, TrainerOutcome, TrainerWork } from "./context.ts";
import { measuredOf } from "./evidenceOfData.ts";
import { keepMatrix, keepScores, keepTables, readMatrix, readScores, readTables } from "./evidenceStore.ts";
import { refuse } from "./failure.ts";
import { latentSet, latentsOf, openDataset } from "./latents.ts";
import { type DiTEntry, ditWeights, loadEmbedding } from "./networks.ts";
import { principalMap } from "./principalMap.ts";
import { evidenceKey, proxiesOf, scoreKeys } from "./scoreKeys.ts";

/** Time between two keepings of tables that are being filled. */
const KEEP_MS = 15_000;

/** Measures what of the evidence is wanted and not there yet. A scoring that is paused, or cut off, goes on where its tables are.
 *  Throws DatasetMissing, ModelMissing, NotTrainable, InvalidJob, ScoringError. */
export const scoreWork = (job: ScoreJob): TrainerWork => ({
  async run(context) {
    const family = await context.family(job.family);
    const proxies = proxiesOf(family, job);
    const dataset = await openDataset(job.dataset, context);
    const classes = dataset.record.classes.length;
    if (job.labels.length !== classes)
      refuse("labels", `The data set has ${classes} classes; labels were given for ${job.labels.length}.`);
    const keys = scoreKeys(family, proxies, job);
    const { measure, seed } = job;
    const byFeatures = measure.features && !(await readMatrix(dataset, keys.features));
    const byDominance = measure.dominance && !(await readScores(dataset, keys.dominance));
    if (measure.loss || measure.gradient || byDominance || (byFeatures && proxies.features)) {
      const latents = await latentsOf(dataset, family.autoencoder, context, () => context.wish() === "pause");
      if (!latents) return PAUSED;
      const labelsFor = (entry: DiTEntry) => labelled(dataset, family, latents.values, job, entry);
      if (measure.loss || measure.gradient) {
        const set = await labelsFor(proxies.proxy);
        if (!(await scored(dataset, set, proxies.proxy, keys.tables, job, context))) return PAUSED;
      }
      if (byFeatures && proxies.features) {
        const features = await featuresBy(proxies.features, await labelsFor(proxies.features), seed, context);
        if (!features) return PAUSED;
        await keepMatrix(dataset, keys.features, features, context);
      }
      if (byDominance) {
        const unlabelled = job.labels.map(() => 0); // it looks at latents alone
        const set = await latentSet(dataset, family.autoencoder, latents.values, unlabelled);
        const options = { noises: scoringNoises(seed, set.shape), seed };
        const scores = await driven(dominance(set, options), "dominance", context);
        if (!scores) return PAUSED;
        await keepScores(dataset, keys.dominance, scores, context);
      }
    }
    if (byFeatures && !proxies.features) {
      const features = await embeddings(dataset, family, context);
      if (!features) return PAUSED;
      await keepMatrix(dataset, keys.features, features, context);
    }
    const measured = await measuredOf(dataset, keys, seed);
    const evidence = evidenceOf(measured);
    context.remembered.evidence = { key: evidenceKey(job), is: evidence };
    return outcome(job, measured, evidence);
  },
});

const PAUSED: TrainerOutcome = { event: { type: "paused", step: null } };

/** The set with labels of a network; classes that are none of the family's are looked at as without a label. Throws InvalidJob. */
async function labelled(
  dataset: StoredDataset,
  family: Family,
  values: Float32Array,
  { labels }: ScoreJob,
  { name, config }: DiTEntry,
): Promise<LatentSet> {
  const known = labels.map((label) => {
    if (label === null && config.class_dropout_prob > 0) return config.num_classes;
    if (label !== null && Number.isInteger(label) && label >= 0 && label < config.num_classes) return label;
    return refuse("labels", `${name} knows the labels 0 … ${config.num_classes - 1}, not ${label}.`);
  });
  return latentSet(dataset, family.autoencoder, values, known);
}

async function onDevice<T>(
  entry: DiTEntry,
  context: TrainerContext,
  use: (network: ProxyNetwork) => Promise<T>,
): Promise<T> {
  const tensors = uploadDiT(entry.config, await ditWeights(entry, context));
  try {
    return await use({ config: entry.config, tensors });
  } finally {
    disposeTensors(tensors);
  }
}

/** Fills the tables, false when paused before they are whole. */
async function scored(
  dataset: StoredDataset,
  set: LatentSet,
  proxy: DiTEntry,
  key: string,
  { measure, seed }: ScoreJob,
  context: TrainerContext,
): Promise<boolean> {
  const samples = set.labels.length;
  const tables = (await readTables(dataset, key, samples)) ?? emptyTables(samples);
  const gradients = measure.gradient;
  if (!(gradients ? tables.gradient : tables.loss).some(Number.isNaN)) return true;
  let keptAt = context.now();
  return onDevice(proxy, context, async (network) => {
    const options = { noises: scoringNoises(seed, set.shape), gradients };
    try {
      for await (const { done, of } of scoreSamples(network, set, tables, options)) {
        tell(gradients ? "gradients" : "losses", done, of, context);
        if (context.now() - keptAt > KEEP_MS) {
          await keepTables(dataset, key, tables, context);
          keptAt = context.now();
        }
        await context.between();
        if (context.wish() === "pause" && done < of) return false;
      }
      return true;
    } finally {
      await keepTables(dataset, key, tables, context);
    }
  });
}

const featuresBy = (
  entry: DiTEntry,
  set: LatentSet,
  seed: number,
  context: TrainerContext,
): Promise<Matrix | null> =>
  onDevice(entry, context, (network) =>
    driven(blockFeatures(network, set, scoringNoises(seed, set.shape, 1)), "features", context),
  );

/** What a measurement returns; null when paused before. */
async function driven<T>(
  measuring: AsyncGenerator<ScoreProgress, T>,
  phase: TrainerPhase,
  context: TrainerContext,
): Promise<T | null> {
  try {
    for (;;) {
      const next = await measuring.next();
      if (next.done) return next.value;
      tell(phase, next.value.done, next.value.of, context);
      await context.between();
      if (context.wish() === "pause") return null;
    }
  } finally {
    await measuring.return(undefined as never); // its tensors
  }
}

/** Features of the embedding network; null when paused before all are there. */
async function embeddings(
  dataset: StoredDataset,
  family: Family,
  context: TrainerContext,
): Promise<Matrix | null> {
  const network = await loadEmbedding(family, context);
  if (!network) return refuse("features", `The family ${family.name} has no embedding network.`);
  const { count, imageSize } = dataset.record;
  const columns = network.config.feature_dim;
  const values = new Float64Array(count * columns);
  try {
    for (let from = 0; from < count; from++) {
      const rgb = await dataset.images(from, 1);
      const image = tensor4d(
        Float32Array.from(rgb, (byte) => byte / 127.5 - 1),
        [1, imageSize, imageSize, 3],
      );
      const features = network.embed(image);
      values.set(await features.data<"float32">(), from * columns);
      image.dispose();
      features.dispose();
      tell("features", from + 1, count, context);
      await context.between();
      if (context.wish() === "pause") return null;
    }
  } finally {
    network.dispose();
  }
  return { rows: count, columns, values };
}

const tell = (phase: TrainerPhase, done: number, of: number, { post, id }: TrainerContext): void =>
  post({ type: "progress", id, phase, done, of });

function outcome(job: ScoreJob, measured: Measured, evidence: Evidence): TrainerOutcome {
  const transfer: ArrayBuffer[] = [];
  const given = (values: Float64Array<ArrayBufferLike> | Uint32Array | undefined): ArrayBuffer | null => {
    if (!values) return null;
    const { buffer } = values.slice();
    transfer.push(buffer);
    return buffer;
  };
  const { samples, loss, gradient, dominance: dominances, features } = measured;
  const clusters = features ? clustersOf(evidence) : null;
  if (clusters) transfer.push(clusters.labels, clusters.distances, clusters.map);
  return {
    event: {
      type: "scored",
      evidence: evidenceKey(job),
      samples,
      loss: given(loss),
      gradient: given(gradient),
      dominance: given(dominances),
      clusters,
    },
    transfer,
  };
}

function clustersOf(evidence: Evidence) {
  const { labels, distances, sizes } = evidence.clusters();
  return {
    count: sizes.length,
    labels: labels.slice().buffer,
    distances: distances.slice().buffer,
    map: principalMap(evidence.unit()).buffer,
  };
}
