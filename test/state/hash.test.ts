import { describe, expect, test } from "vitest";
import { SOLVER_NAMES } from "#flow/solvers/names.ts";
import { HASH_CODEC, parseHash, printHash } from "#state/hash.ts";
import { DEFAULT_SETTINGS, LIMITS } from "#state/settings.ts";
import { settingsWith } from "./support.ts";

const pick = <T>(from: readonly T[], random: number): T => from[Math.floor(random * from.length)] as T;

test("what a link prints it parses again, for a thousand settings", () => {
  // Park–Miller: the same thousand on every run
  let state = 1;
  const r = () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  for (let k = 0; k < 1000; k++) {
    const settings = settingsWith({
      seed: pick([0, 1, LIMITS.seed.max, Math.floor(r() * LIMITS.seed.max)], r()),
      count: 1 + Math.floor(r() * 64),
      className: pick(["micah", "mixed", "openPeeps", "a.b-c_1"], r()),
      model: pick(["light", "c2f", "heavy", "c2f:heavy:light", "c2f:heavy:zoo-half", "c2f:a:b"], r()),
      tau: pick([0, 1, 0.7, r(), 1e-7, 5e-324], r()),
      steps: 2 + Math.floor(r() * 999),
      solver: pick(SOLVER_NAMES, r()),
      guidance: pick([0, 1, 20, r() * 20], r()),
      view: pick(["one", "three"], r()),
    });
    expect(parseHash(printHash(settings))).toEqual({ settings, explicit: true, problems: [] });
  }
});

test("the link of the defaults reads as documented", () => {
  expect(printHash(DEFAULT_SETTINGS)).toBe(
    "#/generate?family=avatars-64&seed=1&count=1&class=micah&model=c2f&tau=0.7&steps=60&solver=euler&guidance=1.5&view=one",
  );
});

test("a link that says heavy first and no tau has the mirrored one, so that it costs about as much", () => {
  const tauOf = (hash: string) => parseHash(hash).settings.tau;
  expect(tauOf("#/generate?model=c2f:heavy:light")).toBe(0.3);
  expect(tauOf("#/generate?model=c2f:heavy:light&tau=x")).toBe(0.3);
  expect(tauOf("#/generate?model=c2f:heavy:light&tau=0.7")).toBe(0.7);
  expect(tauOf("#/generate?model=c2f:zoo-half")).toBe(0.7);
});

test("what a link does not say is the default, and it says nothing when it has no keys of ours", () => {
  expect(parseHash("")).toEqual({ settings: DEFAULT_SETTINGS, explicit: false, problems: [] });
  expect(parseHash("#/generate")).toEqual({ settings: DEFAULT_SETTINGS, explicit: false, problems: [] });
  expect(parseHash("#/generate?utm=1").explicit).toBe(false);
  expect(parseHash("#/generate?seed=7").settings).toEqual(settingsWith({ seed: 7 }));
});

describe("a hostile link gives the default and names the key", () => {
  test.each([
    ["seed", "-1"],
    ["seed", "1.5"],
    ["seed", "9007199254740992"],
    ["seed", "0x10"],
    ["seed", "1e3"],
    ["seed", ""],
    ["seed", "NaN"],
    ["seed", "99999999999999999999"],
    ["count", "0"],
    ["count", "65"],
    ["tau", "1.0000001"],
    ["tau", "-0"],
    ["tau", "Infinity"],
    ["tau", "0.7abc"],
    ["tau", "٠.٧"],
    ["steps", "1"],
    ["steps", "1001"],
    ["guidance", "20.1"],
    ["solver", "constructor"],
    ["solver", "__proto__"],
    ["model", "light heavy"],
    ["model", "light:heavy"],
    ["model", "c2f:"],
    ["model", "c2f:a:b:c"],
    ["class", "<img src=x onerror=alert(1)>"],
    ["class", "a".repeat(65)],
    ["family", "../../etc/passwd"],
    ["view", "four"],
  ])("%s=%s", (key, text) => {
    const parsed = parseHash(`#/generate?${key}=${encodeURIComponent(text)}`);
    expect(parsed.settings).toEqual(DEFAULT_SETTINGS);
    expect(parsed.problems).toEqual([{ key, text: text.slice(0, 40) }]);
  });

  test.each([
    "#/generate?%",
    "#/generate?seed=%E0%A4%A",
    "#?????",
    `#/generate?${"&".repeat(100_000)}`,
    `#/generate?seed=${"9".repeat(100_000)}`,
  ])("%# never throws", (hash) => {
    expect(parseHash(hash).settings).toEqual(DEFAULT_SETTINGS);
  });
});

test("every setting has one key of its own", () => {
  const keys = Object.values(HASH_CODEC).map(({ key }) => key);
  expect(new Set(keys).size).toBe(keys.length);
  expect(Object.keys(HASH_CODEC).sort()).toEqual(Object.keys(DEFAULT_SETTINGS).sort());
});
