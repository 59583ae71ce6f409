import { fail, ok, type Result } from "./result.ts";

/** JSON with objects as maps: a key called `__proto__` is a key like any other. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export type JsonObject = ReadonlyMap<string, Json>;

export type JsonError =
  | { kind: "JsonSyntax"; at: number; detail: string }
  | { kind: "JsonDuplicateKey"; at: number; key: string }
  | { kind: "JsonTooDeep"; at: number; limit: number };

/** Deeper than any header of ours (3), shallow enough for every stack. */
const deepest = 64;

const numberPattern = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
/** No number of a header needs more; a longer one is refused before a pattern is run over it. */
const longestNumber = 400;
const words = [
  ["true", true],
  ["false", false],
  ["null", null],
] as const;

/** Parses JSON (RFC 8259) and refuses an object that has a key twice, which `JSON.parse` would not notice.
 *  Total: returns for every text, never throws, nests at most 64 levels. */
export function parseJson(text: string): Result<Json, JsonError> {
  let at = 0;
  let error: JsonError | null = null;

  const refuse = (detail: string): null => {
    error ??= { kind: "JsonSyntax", at, detail };
    return null;
  };
  const skip = (characters: string): void => {
    while (at < text.length && characters.includes(text.charAt(at))) at++;
  };
  const take = (character: string): boolean => {
    skip(" \t\n\r");
    if (text[at] !== character) return false;
    at++;
    return true;
  };

  /** Looks for the closing quote by hand: a pattern over a long string can use up the engine's stack. */
  function string(): string | null {
    if (text[at] !== '"') return refuse("a string was expected");
    let end = at + 1;
    while (end < text.length && text[end] !== '"') end += text[end] === "\\" ? 2 : 1;
    if (end >= text.length) return refuse("a string is not closed");
    try {
      const parsed = String(JSON.parse(text.slice(at, end + 1)));
      at = end + 1;
      return parsed;
    } catch {
      return refuse("a string has a bad escape or a control character");
    }
  }

  function number(): number | null {
    const start = at;
    skip("+-.0123456789eE");
    const digits = text.slice(start, Math.min(at, start + longestNumber + 1));
    if (digits.length <= longestNumber && numberPattern.test(digits)) return Number(digits);
    at = start;
    return refuse("a value was expected");
  }

  function list(depth: number): Json {
    const items: Json[] = [];
    if (take("]")) return items;
    do {
      items.push(value(depth));
      if (error) return null;
    } while (take(","));
    return take("]") ? items : refuse("a list is not closed");
  }

  function object(depth: number): Json {
    const entries = new Map<string, Json>();
    if (take("}")) return entries;
    do {
      skip(" \t\n\r");
      const keyAt = at;
      const key = string();
      if (key === null || !take(":")) return refuse("a key and a colon were expected");
      if (entries.has(key)) {
        error ??= { kind: "JsonDuplicateKey", at: keyAt, key };
        return null;
      }
      entries.set(key, value(depth));
      if (error) return null;
    } while (take(","));
    return take("}") ? entries : refuse("an object is not closed");
  }

  function value(depth: number): Json {
    if (depth > deepest) {
      error ??= { kind: "JsonTooDeep", at, limit: deepest };
      return null;
    }
    skip(" \t\n\r");
    const first = text[at];
    if (first === "{" || first === "[") {
      at++;
      return first === "{" ? object(depth + 1) : list(depth + 1);
    }
    if (first === '"') return string();
    for (const [word, meaning] of words)
      if (text.startsWith(word, at)) {
        at += word.length;
        return meaning;
      }
    return number();
  }

  const result = value(1);
  skip(" \t\n\r");
  if (!error && at < text.length) refuse("text follows the value");
  return error ? fail(error) : ok(result);
}

export const isJsonObject = (value: Json | undefined): value is JsonObject => value instanceof Map;

/** One sentence about an error of this file. */
export function describeJsonError(error: JsonError): string {
  switch (error.kind) {
    case "JsonSyntax":
      return `not JSON at character ${error.at}: ${error.detail}`;
    case "JsonDuplicateKey":
      return `the key ${JSON.stringify(error.key)} stands twice in one object, at character ${error.at}`;
    case "JsonTooDeep":
      return `nested deeper than ${error.limit} levels at character ${error.at}`;
  }
}
