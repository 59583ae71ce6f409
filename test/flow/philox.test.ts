import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { philox4x32, type Words2, type Words4 } from "#flow/philox.ts";

interface Answer {
  counter: Words4;
  key: Words2;
  output: Words4;
}

const file = new URL("../fixtures/golden/09_noise.json", import.meta.url);
const answers: Answer[] = JSON.parse(readFileSync(file, "utf8")).philox4x32_10;

describe("Philox4x32-10", () => {
  // The published known-answer vectors of Random123 (kat_vectors), plus six more.
  test.each(answers)("gives the known answer for key $key", ({ counter, key, output }) => {
    expect(philox4x32(counter, key)).toEqual(output);
  });

  test("changes every word when one bit of the counter changes", () => {
    const words = philox4x32([0, 0, 0, 0], [0, 0]);
    const others = philox4x32([1, 0, 0, 0], [0, 0]);
    for (const lane of [0, 1, 2, 3]) expect(others[lane]).not.toBe(words[lane]);
  });
});
