import { describe, expect, test } from "vitest";
import type { DatasetRecord } from "#datasets/dataset.ts";
import {
  className,
  classNameProblem,
  networkLabels,
  trainedLabels,
  usualTargets,
} from "#state/finetune/classTargets.ts";
import { type PlanParts, planOf, trainableModels } from "#state/finetune/plan.ts";
import { proxyOf } from "#state/finetune/proxy.ts";
import { costKey, isSameWork } from "#state/finetune/samePlan.ts";
import {
  paceOf,
  type TrainSettings,
  usualSettings,
  withTrainSettings,
} from "#state/finetune/trainSettings.ts";
import { checkPlan } from "#workers/trainer/checkPlan.ts";
import { firstFamily, SHIPPED } from "../support.ts";

const FAMILY = firstFamily(SHIPPED);
const RECORD: DatasetRecord = {
  id: "set",
  name: "Fruits",
  createdAt: 0,
  imageSize: FAMILY.image_size,
  count: 6,
  classes: [
    { name: "apples", count: 4 },
    { name: "micah", count: 2 },
  ],
  bytes: 1,
  source: "files",
  refused: [],
  pixelsSha256: "",
};
const KNOWN = FAMILY.classes.map(({ name }) => name);
const PARTS: PlanParts = {
  family: FAMILY,
  dataset: RECORD,
  targets: usualTargets(RECORD.classes, KNOWN),
  kept: Uint32Array.of(0, 1, 2, 3, 4),
  heldOut: Uint32Array.of(1, 5),
  how: "Cb, ratio 0.5, seed 0",
};
const plan = (change: Partial<TrainSettings> = {}) => planOf({ ...usualSettings("slow"), ...change }, PARTS);

describe("classes", () => {
  test("a class that the model knows stays that class, any other becomes a new one", () => {
    expect(PARTS.targets).toEqual([
      { kind: "new", name: "apples" },
      { kind: "known", label: KNOWN.indexOf("micah") },
    ]);
  });

  test("names become such as links can carry, and different folders stay different", () => {
    expect(className("Äpfel & Birnen/rot")).toBe("Apfel-Birnen-rot");
    expect(className("写真")).toBe("pictures");
    const targets = usualTargets([{ name: "a b" }, { name: "a-b" }, { name: "a/b" }], ["a-b"]);
    expect(targets).toEqual([
      { kind: "new", name: "a-b-2" },
      { kind: "known", label: 0 },
      { kind: "new", name: "a-b-3" },
    ]);
  });

  test("a name that the trainer would refuse is refused here", () => {
    expect(["", "has space", "micah", "fine.1"].map((name) => classNameProblem(name, KNOWN))).toEqual([
      "empty",
      "characters",
      "known",
      null,
    ]);
  });

  test("labels of new classes come after those that the model knows, equal names share one", () => {
    const targets = [
      { kind: "new", name: "x" },
      { kind: "known", label: 1 },
      { kind: "new", name: "x" },
      { kind: "new", name: "y" },
    ] as const;
    expect(networkLabels(targets, ["p", "q"])).toEqual([2, 1, 2, 3]);
    expect(trainedLabels(targets, ["p", "q"])).toEqual([2, 1, 3]);
  });
});

describe("the plan", () => {
  test("the usual settings of any device, for both models, make a plan that the trainer takes", () => {
    for (const pace of ["slow", "fast"] as const)
      for (const target of ["light", "heavy"] as const) {
        const settings = withTrainSettings(usualSettings(pace), { target }, pace);
        expect(() => checkPlan(planOf(settings, PARTS))).not.toThrow();
      }
  });

  test("runs that learn in different ways have different names", () => {
    const names = [
      plan(),
      plan({ mode: "lora", rank: 4 }),
      plan({ objective: "c2f" }),
      plan({ objective: "distil", mode: "lora", rank: 4 }),
      plan({ scratch: true }),
      plan({ target: "heavy", base: "heavy" }),
    ].map(({ name }) => name.replace(`${RECORD.name}, `, ""));
    expect(names).toEqual([
      "light",
      "light LoRA 4",
      "light c2f",
      "light LoRA 4 distilled",
      "light from scratch",
      "heavy",
    ]);
  });

  test("a base or a teacher that was deleted since it was chosen is the shipped one again", () => {
    const gone = { base: "gone-01234567", teacher: "gone-01234567", objective: "c2f" } as const;
    const { base, objective } = planOf({ ...usualSettings("fast"), ...gone }, PARTS);
    expect(base).toEqual({ kind: "model", model: "light" });
    expect(objective).toMatchObject({ teacher: "heavy" });
  });

  test("what is held out is left out of what is kept", () => {
    expect(Array.from(plan().selection.kept)).toEqual([0, 2, 3, 4]);
    expect(Array.from(plan().selection.heldOut)).toEqual([1, 5]);
  });

  test("every class that is looked at has two pictures, so that similarity can be told", () => {
    const counts = new Map<number, number>();
    for (const { label } of plan({ pictures: 5 }).watch.pictures)
      counts.set(label, (counts.get(label) ?? 0) + 1);
    expect([...counts.values()].every((count) => count >= 2)).toBe(true);
    expect([...counts.keys()]).toEqual([KNOWN.length, KNOWN.indexOf("micah")]);
  });

  test("from random weights all is trained, and new classes come after the family's", () => {
    const made = plan({ scratch: true, mode: "lora", base: "light" });
    expect(made.base).toMatchObject({ kind: "scratch", depth: 4, hidden_size: 128 });
    expect(made.mode).toEqual({ kind: "full" });
  });

  test("a heavy model learns from nobody", () => {
    expect(plan({ target: "heavy", objective: "distil" }).objective).toEqual({ kind: "fm" });
    expect(
      withTrainSettings({ ...usualSettings("slow"), objective: "c2f" }, { target: "heavy" }, "slow"),
    ).toMatchObject({
      base: "heavy",
      mode: "lora",
      objective: "fm",
    });
  });

  test("a name of one's own stands, else one that says what and by which model", () => {
    expect(plan().name).toBe("Fruits, light");
    expect(plan({ mode: "lora", rank: 4 }).name).toBe("Fruits, light LoRA 4");
    expect(plan({ name: "  mine " }).name).toBe("mine");
  });

  test("plans are the same work whatever they are called, and another one with one picture more", () => {
    const other = planOf(usualSettings("slow"), { ...PARTS, kept: Uint32Array.of(0, 1, 2, 3) });
    expect(isSameWork(plan({ name: "a" }), plan({ name: "b" }))).toBe(true);
    expect(isSameWork(plan(), other)).toBe(false);
    expect(costKey(plan())).not.toBe(costKey(other));
    expect(costKey(plan({ name: "a" }))).toBe(costKey(plan({ name: "b" })));
  });
});

test("a device without a graphics card is slow, whatever it is called", () => {
  expect(paceOf(null)).toBe("slow");
  expect(paceOf({ name: "wasm", software: false })).toBe("slow");
  expect(paceOf({ name: "webgpu", software: true })).toBe("slow");
  expect(paceOf({ name: "webgpu", software: false })).toBe("fast");
});

test("scores are measured with the family's early model", () => {
  expect(proxyOf(FAMILY)?.name).toBe("zoo-early");
  const without = { ...FAMILY, models: FAMILY.models.filter(({ group }) => group !== "score") };
  expect(proxyOf(without)?.role).toBe("light");
});

test("only diffusion transformers in the family's own latents are offered", () => {
  expect(trainableModels(FAMILY).every((model) => model.architecture === "dit" && !model.autoencoder)).toBe(
    true,
  );
});
