import { dispose, slice, type Tensor4D, tidy, zeros } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { attributesSeen, createClassifier, createEmbedding } from "#models/featureNetwork.ts";
import {
  type ClassifierConfig,
  classifierSpec,
  type EmbeddingConfig,
  embeddingSpec,
} from "#models/featureNetworkConfig.ts";
import { BACKENDS, expectNoLeak, useBackend } from "./support/backends.ts";
import { expectClose, readGolden, toNHWC } from "./support/golden.ts";

/** Random small networks and what PyTorch computes with them; `python3 -m pretrain.tests.feature_fixture` writes it. Its
 *  tolerance is that of f32 sums of a few hundred products in another order. */
const fixture = readGolden<{ embedding: EmbeddingConfig; classifier: ClassifierConfig }>(
  "../pretrain/feature-networks",
);
const { embedding, classifier } = fixture.config;
/** The networks read 16 px; 32 px are averaged down. */
const SIZES = [16, 32];

test("the weights that a config asks for are those of PyTorch's networks, by name and shape", () => {
  for (const [spec, prefix] of [
    [embeddingSpec(embedding), "embedding."],
    [classifierSpec(classifier), "classifier."],
  ] as const) {
    const stored = [...fixture.weights(prefix)].map(([name, { shape }]) => [name, [...shape]]);
    expect(Object.fromEntries(spec)).toEqual(Object.fromEntries(stored));
  }
});

describe.each(BACKENDS)("on %s", (backend) => {
  beforeAll(() => useBackend(backend));

  test.each(SIZES)("features of %i px images equal PyTorch's", async (size) => {
    await expectNoLeak(() => {
      const network = createEmbedding(embedding, fixture.weights("embedding."));
      const images = toNHWC(fixture.at(`in.images_${size}`));
      const features = network.embed(images);
      expectClose("features", features, fixture.at(`out.features_${size}`), fixture.tight);
      dispose([images, features]);
      network.dispose();
    });
  });

  test.each(SIZES)("class and attribute logits of %i px images equal PyTorch's", async (size) => {
    await expectNoLeak(() => {
      const network = createClassifier(classifier, fixture.weights("classifier."));
      const images = toNHWC(fixture.at(`in.images_${size}`));
      const { classes, attributes } = network.classify(images);
      expectClose("class logits", classes, fixture.at(`out.class_logits_${size}`), fixture.tight);
      expectClose("attribute logits", attributes, fixture.at(`out.attribute_logits_${size}`), fixture.tight);
      dispose([images, classes, attributes]);
      network.dispose();
    });
  });

  test("a picture's feature is the same alone and in a batch, bit for bit", () => {
    const network = createEmbedding(embedding, fixture.weights("embedding."));
    tidy(() => {
      const images = toNHWC(fixture.at("in.images_16"));
      const last: Tensor4D = slice(images, [2, 0, 0, 0], [1, 16, 16, 3]);
      const [inBatch, alone] = [network.embed(images), network.embed(last)];
      expect([...alone.dataSync()]).toEqual([...inBatch.dataSync()].slice(2 * 12));
    });
    network.dispose();
  });
});

describe("what is seen in a picture", () => {
  // Logits: background (blue, pink, green), round.hair (long, short), square.eyes (open, closed, hidden).
  const logits = [0, 2, 1, -1, -3, 5, 5, 4];

  test("is the largest logit of every attribute that the seen class has, the first of equal ones", () =>
    expect([attributesSeen(classifier, [1, 0], logits), attributesSeen(classifier, [0, 1], logits)]).toEqual([
      { label: 0, values: ["pink", "long", null] },
      { label: 1, values: ["pink", null, "open"] },
    ]));

  test("is read by the class that was asked for, when it is given", () =>
    expect(attributesSeen(classifier, [1, 0], logits, 1)).toEqual({
      label: 0,
      values: ["pink", null, "open"],
    }));
});

describe("a network is refused, with the numbers, when", () => {
  const problem = (config: Partial<EmbeddingConfig>) => () => embeddingSpec({ ...embedding, ...config });
  test.each([
    ["its pictures cannot be halved at every level", { image_size: 18 }, "cannot be halved 2 times"],
    ["it has no level", { widths: [] }, "no level"],
    ["levels and residual blocks do not go together", { residual_blocks: [1] }, "each of 2 levels"],
    ["groups do not divide channels", { norm_groups: 3 }, "GroupsDoNotDivide"],
    ["a feature has no number", { feature_dim: 0 }, "feature_dim"],
  ] as const)("%s", (_, config, said) => expect(problem(config)).toThrow(said));

  test.each([
    [24, 24],
    [16, 32],
    [8, 8],
  ])("a picture of %i×%i px does not fit 16", async (height, width) => {
    await useBackend("cpu");
    const network = createEmbedding(embedding, fixture.weights("embedding."));
    tidy(() => {
      const picture: Tensor4D = zeros([1, height, width, 3]);
      expect(() => network.embed(picture)).toThrow("ImageSizeDoesNotFit");
    });
    network.dispose();
  });
});
