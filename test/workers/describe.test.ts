import { dispose, memory, type Tensor4D, tensor4d } from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { parseSafetensors } from "#checkpoints/safetensors.ts";
import { checkWeights } from "#checkpoints/weights.ts";
import { uniforms } from "#flow/uniforms.ts";
import { attributesSeen, createClassifier, createEmbedding } from "#models/featureNetwork.ts";
import { classifierSpec, embeddingSpec } from "#models/featureNetworkConfig.ts";
import type { WeightSpec } from "#models/weights.ts";
import type { DescribeImage, DescribeJob } from "#workers/protocol.ts";
import { scriptedBackends, testEngine } from "./testEngine.ts";

type TestEngine = Awaited<ReturnType<typeof testEngine>>;

async function readyEngine(): Promise<TestEngine> {
  const t = await testEngine(scriptedBackends());
  t.start();
  await t.engine.idle();
  return t;
}

/** A picture of random levels, opaque. */
function picture(seed: number, label: number | null = null, side = 8): DescribeImage {
  const levels = uniforms(seed, 0, 4 * side * side);
  const rgba = Uint8Array.from(levels, (u, i) => (i % 4 === 3 ? 255 : Math.floor(256 * u)));
  return { width: side, height: side, rgba: rgba.buffer, label };
}

let lastJob = 100;
const look = async (t: TestEngine, changes: Partial<DescribeJob> = {}) => {
  const images = [picture(1), picture(2), picture(3)];
  const job: DescribeJob = { family: "tiny", images, networks: ["embedding", "classifier"], ...changes };
  const { own, closing } = await t.serve({ type: "describe", id: ++lastJob, job });
  return { own, closing, described: own.flatMap((event) => (event.type === "described" ? [event] : [])) };
};

/** The feature networks of the tiny family, built from its files without the engine. */
function networks({ files, manifest }: TestEngine) {
  const { embedding, classifier } = manifest.families[0].features ?? {};
  if (!embedding || !classifier) throw new Error("the tiny family has changed");
  const weights = (file: string, spec: WeightSpec) => {
    const parsed = parseSafetensors(files.get(file) ?? new Uint8Array());
    if (!parsed.ok) throw new Error(parsed.error.kind);
    const checked = checkWeights(parsed.value.tensors, spec);
    if (!checked.ok) throw new Error(checked.error.kind);
    return checked.value.weights;
  };
  return {
    embedding: createEmbedding(
      embedding.config,
      weights("tiny/embedding.safetensors", embeddingSpec(embedding.config)),
    ),
    classifier: createClassifier(
      classifier.config,
      weights("tiny/classifier.safetensors", classifierSpec(classifier.config)),
    ),
  };
}

/** byte / 127.5 − 1 of a picture's colours, [1,S,S,3]. */
function asTensor({ rgba, width, height }: DescribeImage): Tensor4D {
  const colours = [...new Uint8Array(rgba)].filter((_, i) => i % 4 !== 3);
  return tensor4d(
    colours.map((byte) => byte / 127.5 - 1),
    [1, height, width, 3],
  );
}

describe("pictures", () => {
  test("are described as the networks see their levels, in order", async () => {
    const t = await readyEngine();
    const images = [picture(1), picture(2, 0), picture(3, 1, 16)];
    const { described, closing } = await look(t, { images });
    expect(closing).toMatchObject({ type: "done", images: 3 });
    const { embedding, classifier } = networks(t);
    for (const [index, image] of images.entries()) {
      const x = asTensor(image);
      const features = embedding.embed(x);
      const { classes, attributes } = classifier.classify(x);
      const event = described[index];
      expect(event?.index).toBe(index);
      expect([...new Float32Array(event?.embedding ?? new ArrayBuffer())]).toEqual([...features.dataSync()]);
      expect(event?.seen).toEqual(
        attributesSeen(
          classifier.config,
          classes.dataSync(),
          attributes.dataSync(),
          image.label ?? undefined,
        ),
      );
      dispose([x, features, classes, attributes]);
    }
    embedding.dispose();
    classifier.dispose();
  });

  test("have the attributes of the class that was asked for", async () => {
    const { described } = await look(await readyEngine(), { images: [picture(1, 0), picture(1, 1)] });
    const [one, two] = described.map(({ seen }) => seen);
    expect(one?.values.map((value) => value !== null)).toEqual([true, true]);
    expect(two?.values.map((value) => value !== null)).toEqual([true, false]);
    expect(one?.label).toBe(two?.label); // what is seen does not depend on what was asked for
  });
});

describe("the networks", () => {
  test("are downloaded by the first job that asks for them, which tells so, and kept", async () => {
    const t = await readyEngine();
    const first = await look(t, { networks: ["embedding"] });
    expect(first.own.map((event) => (event.type === "download" ? event.part : event.type))).toEqual([
      ...["embedding", "described", "described", "described"],
      "done",
    ]);
    expect(first.described[0]).toMatchObject({ seen: null, embedding: expect.any(ArrayBuffer) });
    const baseline = memory().numTensors;
    const second = await look(t, { networks: ["embedding"] });
    expect(second.own.some((event) => event.type === "download")).toBe(false);
    expect(second.closing).toMatchObject({ type: "done", tensors: baseline });
    const third = await look(t, { networks: ["classifier", "classifier"] });
    expect(third.own.flatMap((event) => (event.type === "download" ? [event.part] : []))).toEqual([
      "classifier",
    ]);
    expect(third.described[0]).toMatchObject({ embedding: null, seen: { label: expect.any(Number) } });
  });

  test("can be loaded as any part can", async () => {
    const t = await readyEngine();
    const parts = ["embedding", "classifier"] as const;
    t.engine.handle({ type: "load", id: 1, family: "tiny", parts });
    await t.engine.idle();
    expect(t.of("loaded")).toMatchObject([{ id: 1, parts }]);
    expect((await look(t)).own.some((event) => event.type === "download")).toBe(false);
  });

  test("whose file cannot be had or is damaged fail the job by name, and the next one is served", async () => {
    const t = await readyEngine();
    const baseline = memory().numTensors;
    const file = "tiny/embedding.safetensors";
    const whole = t.files.get(file) ?? new Uint8Array();
    t.files.delete(file);
    expect((await look(t)).closing).toMatchObject({
      error: { kind: "DownloadFailed", file },
      tensors: baseline,
    });
    t.files.set(file, whole.slice(0, 300));
    expect((await look(t)).closing).toMatchObject({
      error: { kind: "BadCheckpoint", file },
      tensors: baseline,
    });
    t.files.set(file, whole);
    expect((await look(t)).closing?.type).toBe("done");
  });
});

describe("a job is refused by name when", () => {
  test.each([
    ["it has no picture", "images", { images: [] }],
    ["it asks for no network", "networks", { networks: [] }],
    ["a picture is not square", "images", { images: [{ ...picture(1), height: 4 }] }],
    ["a picture is no multiple of what the network reads", "images", { images: [picture(1, null, 6)] }],
    [
      "a picture has other bytes than its size",
      "images",
      { images: [{ ...picture(1), rgba: new ArrayBuffer(9) }] },
    ],
    ["a class is not there", "label", { images: [picture(1, 2)] }],
  ] as const)("%s", async (_, field, changes) => {
    const { own } = await look(await readyEngine(), changes);
    expect(own).toMatchObject([{ type: "failed", error: { kind: "InvalidJob", field } }]);
  });

  test("the family has no such network", async () => {
    const t = await readyEngine();
    Reflect.deleteProperty(t.manifest.families[0].features ?? {}, "classifier");
    expect((await look(t)).closing).toMatchObject({
      error: { field: "networks", detail: "The family tiny has no classifier network." },
    });
  });
});

describe("whatever happens, the tensors return to where they were", () => {
  test("when a job is cancelled after a picture, or out of memory", async () => {
    const t = await readyEngine();
    await look(t);
    const baseline = memory().numTensors;
    t.engine.handle({ type: "fault", fault: "next-allocation-fails" });
    expect((await look(t)).closing).toMatchObject({ error: { kind: "OutOfMemory" }, tensors: baseline });
    t.watch((event) => {
      if (event.type === "described" && event.index === 1) t.engine.handle({ type: "cancel", id: event.id });
    });
    const { described, closing } = await look(t);
    expect(described.map(({ index }) => index)).toEqual([0, 1]);
    expect(closing).toMatchObject({ type: "cancelled", tensors: baseline });
  });

  test("when the device goes away: the networks are put on the new one and the rest is described", async () => {
    const t = await readyEngine();
    const expected = (await look(t)).described;
    const baseline = memory().numTensors;
    let lost = false;
    t.watch((event) => {
      if (event.type !== "described" || event.index !== 0 || lost) return;
      lost = true;
      t.engine.handle({ type: "fault", fault: "lose-device" });
    });
    const { described, closing } = await look(t);
    expect(t.states().map((state) => state.status)).toContain("device-lost");
    expect(described.map(({ index, seen }) => [index, seen])).toEqual(
      expected.map(({ index, seen }) => [index, seen]),
    );
    expect(closing).toMatchObject({ type: "done", tensors: baseline });
  });
});
