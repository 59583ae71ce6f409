import { describe, expect, test } from "vitest";
import type { AxisError } from "#compare/axis.ts";
import { AXIS_NAMES } from "#compare/axis.ts";
import type { SettingsProblem } from "#compare/settings.ts";
import { axisOf, parseAxis } from "#compare/values.ts";
import type { Drawing, RunState } from "#state/compare/comparison.ts";
import { axesOffered, idleText, modelTextsOf, usualText, withAxisName } from "#ui/compare/Setup/axes.ts";
import {
  AXIS_EXAMPLES,
  axisErrorText,
  costWords,
  describeCell,
  floorText,
  placeText,
  problemText,
  runText,
  troubleWords,
} from "#ui/compare/words.ts";
import type { EngineError } from "#workers/protocol.ts";
import { FAMILY, gridOfSettings, numbersWith } from "./support.ts";

const AXIS_ERRORS: { readonly [K in AxisError["kind"]]: Extract<AxisError, { kind: K }> } = {
  Empty: { kind: "Empty", axis: "seed" },
  NotAValue: { kind: "NotAValue", axis: "tau", text: "x" },
  OutOfRange: { kind: "OutOfRange", axis: "tau", text: "2", min: 0, max: 1 },
  NotWhole: { kind: "NotWhole", axis: "seed", text: "1.5" },
  StepLeadsAway: { kind: "StepLeadsAway", axis: "seed", text: "4-1 (+1)" },
  NoRange: { kind: "NoRange", axis: "class", text: "a-b [2]" },
  TooLong: { kind: "TooLong", axis: "seed", max: 5000 },
  TooMany: { kind: "TooMany", axis: "seed", count: 5000, max: 1024 },
};

const PROBLEMS: { readonly [K in SettingsProblem["kind"]]: Extract<SettingsProblem, { kind: K }> } = {
  SameAxis: { kind: "SameAxis", axis: "tau" },
  TooManyCells: { kind: "TooManyCells", cells: 300, max: 256 },
  UnknownClass: { kind: "UnknownClass", name: "cats", known: ["micah", "mixed"] },
  UnknownModel: { kind: "UnknownModel", model: "zoo", reason: "There is no model 'zoo' in avatars-64." },
};

describe("what is wrong", () => {
  test.each(Object.values(AXIS_ERRORS))("$kind of an axis is a sentence of its own", (error) => {
    const text = axisErrorText(error);
    expect(text).toMatch(/\.$/);
    expect(text).not.toContain(error.kind);
  });

  test("no two errors read the same, and a wrong piece is shown", () => {
    const texts = Object.values(AXIS_ERRORS).map(axisErrorText);
    expect(new Set(texts).size).toBe(texts.length);
    expect(axisErrorText(AXIS_ERRORS.OutOfRange)).toContain("“2”");
  });

  test.each(Object.values(PROBLEMS))("$kind of settings is a sentence", (problem) => {
    expect(problemText(problem)).toMatch(/^[A-Z0-9].*\.$/);
  });

  test("the examples that errors give are right", () => {
    for (const name of AXIS_NAMES)
      for (const example of AXIS_EXAMPLES[name].split(" or "))
        expect(parseAxis(name, example).ok, `${name}: ${example}`).toBe(true);
  });
});

describe("cells in words", () => {
  const finished: Drawing = {
    status: "finished",
    track: { points: [] },
    nfe: { light: 4, heavy: 1 },
    features: null,
    picture: {
      settings: {
        version: 1,
        family: "avatars-64",
        seed: 1,
        label: 4,
        class: "micah",
        model: "c2f",
        tau: 0.7,
        steps: 6,
        solver: "euler",
        guidance: 1.5,
        models: { decoder: [] },
        sha256: "",
        nfe: { light: 4, heavy: 1 },
        backend: "wasm",
        app: "",
      },
      pixels: { width: 1, height: 1, rgba: new Uint8ClampedArray(4) },
      latent: new Float32Array(1),
    },
  };

  test("a finished cell tells its figures and what they are against", () => {
    expect(describeCell(finished, numbersWith(0.871), "seed 1, heavy", true)).toBe(
      "Compared with seed 1, heavy: SSIM 0.871, PSNR 20.0 dB, Latent cosine 0.900, Attributes kept 0.88.",
    );
  });

  test("equal pictures have an infinite PSNR, in words", () => {
    expect(describeCell(finished, numbersWith(1, null), "seed 1, heavy", true)).toContain("PSNR infinite");
  });

  test("the reference says so, and others how far they are", () => {
    expect(describeCell(finished, null, null, false)).toBe("The reference.");
    expect(describeCell(undefined, null, "x", true)).toBe("Waiting.");
    expect(
      describeCell(
        { status: "failed", track: { points: [] }, error: { kind: "Internal", detail: "" } },
        null,
        "x",
        false,
      ),
    ).toContain("Press R");
  });

  test("what nothing is done for says that it is unfinished, and not that it goes on", () => {
    const point = {
      step: 0,
      t: 0,
      tNext: 0.5,
      served: "light",
      state: new Float32Array(1),
      x1Hat: new Float32Array(1),
      preview: null,
    } as const;
    const begun: Drawing = { status: "waiting", track: { points: [point] } };
    const drawn: Drawing = { status: "drawn", track: { points: [point] } };
    expect([true, false].map((underWay) => placeText(begun, underWay))).toEqual(["", "unfinished"]);
    expect([true, false].map((underWay) => placeText(drawn, underWay))).toEqual(["decoding", "not decoded"]);
    expect(describeCell(begun, null, "x", false)).toBe("Unfinished.");
    expect(describeCell(undefined, null, "x", false)).toBe("Not drawn.");
    expect(describeCell(drawn, null, "x", false)).toBe("Not decoded.");
  });

  test("WebAssembly is no way out for what already runs on it", () => {
    const full: EngineError = { kind: "OutOfMemory", batch: 1, suggestedBatch: null };
    expect(troubleWords(full, "webgpu").remedy).toEqual({ do: "use-wasm" });
    const here = troubleWords(full, "wasm");
    expect(here.remedy).toEqual({ do: "none" }); // Try again stands beside it in any case
    expect(here.text).not.toContain("WebAssembly");
  });

  test("every state of a run has words", () => {
    const runs: readonly RunState[] = [
      { status: "idle" },
      { status: "asks", parts: ["heavy"] },
      { status: "loading" },
      { status: "running" },
      { status: "paused" },
      { status: "finished", ms: 32_000 },
      { status: "failed", error: { kind: "Internal", detail: "" } },
    ];
    const texts = runs.map((run) => runText(run, 3, 20));
    expect(new Set(texts).size).toBe(texts.length);
    expect(runText({ status: "finished", ms: 32_000 }, 20, 20)).toBe("20 pictures in 32 s");
  });

  test("the noise floor says where it is from", () => {
    expect(floorText({ sNorm: 0.81, interval: [0.78, 0.84], from: "zoo" })).toContain(
      "0.810 (95 %: 0.780 … 0.840)",
    );
  });
});

describe("axes", () => {
  test("every axis that is offered starts with values that can be drawn", () => {
    for (const name of axesOffered(FAMILY))
      expect(parseAxis(name, usualText(name, FAMILY)).ok, name).toBe(true);
  });

  test("choosing what runs elsewhere lets the two change places", () => {
    const { settings } = gridOfSettings({ rows: "tau:0,1", columns: "seed:1-2" });
    const fresh = () => axisOf("steps", "10");
    expect(withAxisName(settings, "rows", "seed", fresh)).toEqual({
      rows: settings.columns,
      columns: settings.rows,
    });
    expect(withAxisName(settings, "rows", "steps", fresh)).toEqual({ rows: fresh() });
    expect(withAxisName(settings, "rows", "tau", fresh)).toEqual({});
    expect(withAxisName(settings, "panels", null, fresh)).toEqual({ panels: null });
  });

  test("models are offered alone and in the light place of coarse-to-fine", () => {
    expect(modelTextsOf(FAMILY)).toEqual(
      expect.arrayContaining(["light", "c2f", "c2f:heavy:light", "heavy", "zoo-base", "c2f:zoo-base"]),
    );
  });
});

test("an axis that changes nothing says why", () => {
  const idle = (keys: Readonly<Record<string, string>>) => {
    const { settings } = gridOfSettings({ columns: "seed:1-2", ...keys });
    return idleText(settings.rows, settings);
  };
  expect(idle({ rows: "tau:0,1", model: "c2f" })).toBeNull();
  expect(idle({ rows: "tau:0,1", model: "light" })).toContain("no switch");
  expect(idle({ rows: "tau:0,1", model: "c2f:heavy:light" })).toBeNull();
  expect(idle({ rows: "tau:0,1", panels: "model:light,c2f", model: "light" })).toBeNull();
  expect(idle({ rows: "variant:light,zoo-base", model: "heavy" })).toContain("no light place");
});

test("the cost says what is planned, spent, left after a change, and what it was in the end", () => {
  const nfe = (light: number, heavy = 0) => ({ light, heavy });
  const cost = { planned: nfe(60, 40), naive: nfe(120, 80), kept: nfe(0), spent: nfe(0), left: nfe(60, 40) };
  const said = (...of: Parameters<typeof costWords>) => costWords(...of).nfe + costWords(...of).words;
  expect(said(cost, "idle")).toBe("100 NFE instead of 200 (−50 %)");
  expect(said({ ...cost, spent: nfe(30), left: nfe(30, 40) }, "running")).toBe(
    "100 NFE instead of 200, 30 spent",
  );
  const changed = { ...cost, kept: nfe(60), left: nfe(0, 40) };
  expect(said(changed, "idle")).toBe("100 NFE instead of 200, 40 left");
  expect(said({ ...changed, spent: nfe(0, 40), left: nfe(0) }, "finished")).toBe(
    "100 NFE instead of 200, 40 spent now",
  );
  expect(said({ ...cost, spent: nfe(60, 50), left: nfe(0) }, "finished")).toBe(
    "110 NFE spent instead of 200 (−45 %)",
  );
});
