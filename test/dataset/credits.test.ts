import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { NINTH_STYLES } from "#datasets/drawn/ninthStyles.ts";
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

describe.each(NINTH_STYLES.map((style) => [style.name, style] as const))(
  "%s, which the page draws,",
  (name, style) => {
    test("is credited by the app and by NOTICE as the installed package says", async () => {
      const { meta } = await import(style.package);
      expect(style).toEqual({
        name,
        package: style.package,
        title: meta.title,
        artist: meta.creator,
        licence: meta.license.name,
        licenceUrl: meta.license.url,
        source: meta.source,
        homepage: meta.homepage,
      });
      expect(noticed(name)).toEqual({
        words: [name, meta.title, meta.creator, meta.license.name],
        links: [meta.source, meta.homepage],
      });
    });

    test("is free, and the package's own LICENSE file does not say otherwise", () => {
      const text = readFileSync(`node_modules/${style.package}/LICENSE`, "utf8");
      expect(["CC BY 4.0", "CC0 1.0"]).toContain(style.licence);
      for (const word of [style.licence, style.licenceUrl, style.artist]) expect(text).toContain(word);
    });

    test("was never seen by a shipped model", () => {
      expect(STYLES.map((shipped) => shipped.package)).not.toContain(style.package);
    });
  },
);

test("every installed package of DiceBear is the core or a style with its credit", () => {
  const known = ["@dicebear/core", ...[...STYLES, ...NINTH_STYLES].map((style) => style.package)].sort();
  expect(
    readdirSync("node_modules/@dicebear")
      .map((name) => `@dicebear/${name}`)
      .sort(),
  ).toEqual(known);
  const { dependencies, devDependencies } = packageJson;
  const named = (list: object) => Object.keys(list).filter((name) => name.startsWith("@dicebear/"));
  expect([...named(dependencies), ...named(devDependencies)].sort()).toEqual(known);
  expect(named(dependencies)).toEqual(
    ["@dicebear/core", ...NINTH_STYLES.map((style) => style.package)].sort(), // what the built page holds
  );
});

test("no credit in NOTICE or the app is for a style that is not drawn", () => {
  const credited = (from: string, to: string) =>
    notice
      .slice(notice.indexOf(from), notice.indexOf(to))
      .split("\n")
      .flatMap((line) => /^ {2}(\w+) .*CC/.exec(line)?.[1] ?? []);
  expect(credited("\n1. ", "\n2. ")).toEqual(STYLES.map(({ name }) => name));
  expect(credited("\n2. ", "\n3. ")).toEqual(NINTH_STYLES.map(({ name }) => name));
  for (const { classes } of manifest.families)
    expect(classes.map((one: { name: string }) => one.name)).toEqual(STYLES.map(({ name }) => name));
});

test("NOTICE names the version of DiceBear that draws, and the number of background colours", () => {
  const { version } = JSON.parse(readFileSync("node_modules/@dicebear/core/package.json", "utf8"));
  expect(notice).toContain(`DiceBear ${version.split(".").slice(0, 2).join(".")} `);
  expect(notice.replaceAll("\n", " ")).toContain("on five background colours");
});
