import { expect, test } from "vitest";
import { INITIAL_APP } from "#state/app.ts";
import { drawAddress } from "#ui/models/Own/links.ts";
import { tinyFamily } from "../../fixtures/tinyFamily.ts";

test("a model with classes of its own draws one of them, unless one is chosen already; another keeps the class", async () => {
  const { manifest } = await tinyFamily();
  const [family] = manifest.families;
  const now = { ...INITIAL_APP.settings, family: family.name, className: "two" };
  const own = { id: "mine-01234567", classes: ["hat", "shoes"] } as const;
  const classOf = (address: string) => new URLSearchParams(address.split("?")[1]).get("class");
  expect(classOf(drawAddress(now, family, own))).toBe("hat");
  expect(classOf(drawAddress({ ...now, className: "shoes" }, family, own))).toBe("shoes");
  expect(classOf(drawAddress(now, family, { ...own, classes: [] }))).toBe("two");
});

test("a model drawn alone after heavy first leaves the switch time of coarse-to-fine behind", async () => {
  const { manifest } = await tinyFamily();
  const [family] = manifest.families;
  const now = { ...INITIAL_APP.settings, family: family.name, model: "c2f:heavy:light", tau: 0.3 };
  expect(drawAddress(now, family, { id: "mine-01234567", classes: [] })).toContain("&tau=0.7&");
});
