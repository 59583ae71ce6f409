import { type Tensor4D, tensor4d } from "@tensorflow/tfjs-core";
import type { Family } from "#checkpoints/manifest.ts";
import { attributesSeen } from "#models/featureNetwork.ts";
import type { DescribeJob, Picture, Seen } from "./protocol.ts";
import { checkDescribe } from "./validateJob.ts";
import { sideBySide, type Work, type WorkContext } from "./work.ts";
import { yieldToMessages } from "./yield.ts";

/** What the feature networks see in pictures, in order, posted one by one; networks that are not there are downloaded
 *  first. A job that has to start again goes on where it was. Throws EngineFailure InvalidJob. */
export function describeWork(job: DescribeJob, family: Family): Work {
  const networks = checkDescribe(job, family);
  const pending = new Set(job.images.keys());

  async function describe(index: number, context: WorkContext): Promise<void> {
    const { label } = job.images[index];
    const image = levels(job.images[index]);
    try {
      const embedding = networks.has("embedding") ? await embeddingOf(image, context) : null;
      const seen = networks.has("classifier") ? await seenIn(image, label, context) : null;
      await context.backend.settle();
      pending.delete(index);
      context.post(
        { type: "described", id: context.id, index, embedding, seen },
        embedding ? [embedding] : [],
      );
    } finally {
      image.dispose();
    }
  }

  return {
    family,
    parts: [],
    async run(context) {
      for (const network of networks) await context.load(network);
      for (const index of pending) {
        context.signal.throwIfAborted();
        await sideBySide(1, context, () => describe(index, context));
        await yieldToMessages();
      }
      return { type: "done", images: job.images.length };
    },
  };
}

/** byte/127.5 − 1 of the RGB bytes, [1,S,S,3]: what the networks were trained on. The caller disposes it. */
function levels({ rgba, width, height }: Picture): Tensor4D {
  const bytes = new Uint8Array(rgba);
  const values = new Float32Array(3 * width * height);
  for (let p = 0, q = 0; q < bytes.length; q += 4) {
    for (let c = 0; c < 3; c++) values[p++] = bytes[q + c] / 127.5 - 1;
  }
  return tensor4d(values, [1, height, width, 3]);
}

async function embeddingOf(image: Tensor4D, { part }: WorkContext): Promise<ArrayBuffer> {
  const features = part("embedding").embed(image);
  try {
    return (await features.data<"float32">()).slice().buffer;
  } finally {
    features.dispose();
  }
}

async function seenIn(image: Tensor4D, label: number | null, { part }: WorkContext): Promise<Seen> {
  const { config, classify } = part("classifier");
  const { classes, attributes } = classify(image);
  try {
    const [ofClasses, ofAttributes] = await Promise.all([classes.data(), attributes.data()]);
    return attributesSeen(config, ofClasses, ofAttributes, label ?? undefined);
  } finally {
    classes.dispose();
    attributes.dispose();
  }
}
