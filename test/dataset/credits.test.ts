import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { STYLES } from "../../scripts/dataset/styles.ts";

const notice = readFileSync("NOTICE", "utf8");
const manifest = JSON.parse(readFileSync("public/models/manifest.json", "utf8"));

/** A licence's short name without its version's spelling: "CC0 1.0" and "CC0-1.0" are one. */
const plain = (licence: string) => licence.replaceAll("-", " ");

/** The two lines of NOTICE on a style: name, title, artist, licence; design, artist's page. */
function noticed(name: string): { words: string[]; links: string[] } {
  const lines = notice.split("\n");
  const at = lines.findIndex((line) => line.startsWith(`  ${name} `));
  const columns = (line: string) => line.trim().split(/\s{2,}/);
  return at < 0 ? { words: [], links: [] } : { words: columns(lines[at]), links: columns(lines[at + 1]) };
}

describe.each(STYLES.map((style) => [style.name, style] as const))(
  "%s",
  (name, { package: package_, meta }) => {
    const { title = "", creator = "", source = "", homepage = "", license } = meta;
    const artist = creator.split(" - ")[0]; // personas: "Draftbit - draftbit.com"; the site has its own field

    test("the package names title, artist, design and licence", () => {
      for (const word of [title, creator, source, homepage, license?.name, license?.url])
        expect(word).toBeTruthy();
    });

    test("NOTICE says what the installed package says", () => {
      expect(noticed(name)).toEqual({
        words: [name, title, artist, license?.name],
        links: [source, homepage],
      });
      expect(notice).toContain(`${license?.name}: ${license?.url}`);
    });

    test("the package's own licence field and LICENSE file do not say otherwise", () => {
      const { license: spdx } = JSON.parse(readFileSync(`node_modules/${package_}/package.json`, "utf8"));
      const text = readFileSync(`node_modules/${package_}/LICENSE`, "utf8");
      // CC0 asks for no credit, so those packages speak of their code (MIT) alone in package.json.
      expect(plain(spdx)).toContain(license?.name.startsWith("CC0") ? "MIT" : license?.name);
      expect(plain(text)).toContain(license?.name);
      expect(text).toContain(license?.url);
      expect(text).toContain(artist);
    });

    test("every family of the app credits it", () => {
      expect(manifest.families).not.toEqual([]);
      for (const { name: family, classes } of manifest.families) {
        const credit = classes.find((one: { name: string }) => one.name === name);
        const expected = { artist, licence: license?.name, licence_url: license?.url, source };
        expect(credit, family).toMatchObject(expected);
        expect(credit.title, family).toContain(title);
      }
    });
  },
);

test("every installed package of DiceBear is the core or a style with its credit", () => {
  const known = ["@dicebear/core", ...STYLES.map((style) => style.package)].sort();
  expect(
    readdirSync("node_modules/@dicebear")
      .map((name) => `@dicebear/${name}`)
      .sort(),
  ).toEqual(known);
  expect(Object.keys(packageJson.devDependencies).filter((name) => name.startsWith("@dicebear/"))).toEqual(
    known,
  );
});

test("no credit in NOTICE or the app is for a style that is not drawn", () => {
  const section = notice.slice(notice.indexOf("\n1. "), notice.indexOf("\n2. "));
  const credited = section.split("\n").flatMap((line) => /^ {2}(\w+) .*CC/.exec(line)?.[1] ?? []);
  expect(credited).toEqual(STYLES.map(({ name }) => name));
  for (const { classes } of manifest.families)
    expect(classes.map((one: { name: string }) => one.name)).toEqual(STYLES.map(({ name }) => name));
});

test("NOTICE names the version of DiceBear that draws, and the number of background colours", () => {
  const { version } = JSON.parse(readFileSync("node_modules/@dicebear/core/package.json", "utf8"));
  expect(notice).toContain(`DiceBear ${version.split(".").slice(0, 2).join(".")} `);
  expect(notice.replaceAll("\n", " ")).toContain("on five background colours");
});
