import { describe, expect, test } from "vitest";
import { describeJsonError, type Json, parseJson } from "#bytes/json.ts";
import { survivesMutations } from "./mutations.ts";

/** The plain value that JSON.parse would give. */
const plain = (json: Json): unknown =>
  json instanceof Map
    ? Object.fromEntries([...json].map(([k, v]) => [k, plain(v)]))
    : Array.isArray(json)
      ? json.map(plain)
      : json;

const texts = [
  "null",
  " [ ] ",
  "{}",
  '{"a":[1,-2.5e3,0.25,1E+2],"b":{"c":"\\u00e9\\n\\"\\\\ é 😀"},"d":true,"e":false,"f":null}',
  '[[[["deep"]]],"",{"":0}]',
];

test.each(texts)("%s means what JSON.parse says", (text) => {
  const parsed = parseJson(text);
  expect(parsed.ok && plain(parsed.value)).toEqual(JSON.parse(text));
});

test.each([
  "",
  "{",
  "[1,]",
  '{"a":1,}',
  "01",
  "+1",
  "1.",
  ".5",
  "-",
  "nul",
  "'a'",
  '{"a" 1}',
  "[1 2]",
  '"\u0001"',
  '"\\x"',
  "1 2",
  "\u00a01",
  "NaN",
  '"a',
  "{1:2}",
  "1e999x",
])("%j is refused, as JSON.parse does", (text) => {
  expect(() => JSON.parse(text)).toThrow();
  expect(parseJson(text)).toMatchObject({ ok: false, error: { kind: "JsonSyntax" } });
});

describe("what JSON.parse would let through", () => {
  test("a key that stands twice is refused, also when one is escaped", () => {
    const error = { kind: "JsonDuplicateKey", at: 7, key: "a" };
    expect(parseJson('{"a":1,"\\u0061":2}')).toEqual({ ok: false, error });
    expect(describeJsonError({ kind: "JsonDuplicateKey", at: 7, key: "a" })).toContain('"a"');
  });

  test("__proto__ is a plain key and changes no prototype", () => {
    const parsed = parseJson('{"__proto__":{"polluted":1}}');
    expect(parsed.ok && parsed.value instanceof Map && parsed.value.has("__proto__")).toBe(true);
    expect(Reflect.get({}, "polluted")).toBeUndefined();
  });

  test("nesting is bounded, so the stack is", () => {
    expect(parseJson("[".repeat(1e6))).toMatchObject({
      ok: false,
      error: { kind: "JsonTooDeep", limit: 64 },
    });
  });

  test("strings, numbers and spaces of a million characters are answered", () => {
    expect(parseJson(`"${"a".repeat(1e6)}"`).ok).toBe(true);
    expect(parseJson(`${" ".repeat(1e6)}1`).ok).toBe(true);
    expect(parseJson("1".repeat(1e6))).toMatchObject({ ok: false, error: { kind: "JsonSyntax" } });
  });
});

test("damaged JSON is refused exactly when JSON.parse refuses it, but for repeated keys", () => {
  const encoder = new TextEncoder();
  survivesMutations(
    texts.map((t) => encoder.encode(t)),
    (bytes) => {
      const text = new TextDecoder().decode(bytes);
      const parsed = parseJson(text);
      if (!parsed.ok && parsed.error.kind === "JsonDuplicateKey") return true;
      let expected: unknown;
      try {
        expected = JSON.parse(text);
      } catch {
        expect(parsed.ok, text).toBe(false);
        return true;
      }
      expect(parsed.ok && plain(parsed.value), text).toEqual(expected);
      return false;
    },
  );
});
