import { describe, expect, test } from "vitest";
import { agreementByAttribute, attributeAgreement } from "#metrics/agreement.ts";
import { python } from "./support.ts";

const values = (rows: readonly number[][]) =>
  rows.map((row) => row.map((value) => (value === -1 ? null : value)));

describe("attribute agreement", () => {
  test("equals the Python twin, by pair and by attribute", () => {
    const a = values(python.attributes.a);
    const b = values(python.attributes.b);
    expect(a.map((row, i) => attributeAgreement(row, b[i], i))).toEqual(python.attributes.pairs);
    expect(agreementByAttribute(a, b).map(({ share, pairs }) => [share, pairs])).toEqual(
      python.attributes.heads,
    );
  });

  test("counts what applies to one image alone as different, and leaves out what applies to neither", () => {
    expect(attributeAgreement(["long", null, "blue"], ["long", null, null])).toBe(1 / 2);
  });

  test("a pair to which nothing applies is refused with its index", () => {
    expect(() => attributeAgreement([null], [null], 5)).toThrow("no attribute applies to pair 5");
    expect(() => attributeAgreement([null], [])).toThrow("1 and 0 samples");
    expect(agreementByAttribute([[null]], [[null]])).toEqual([{ share: null, pairs: 0 }]);
  });
});
