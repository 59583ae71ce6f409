import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { decodePng } from "#images/pngPixels.ts";
import { drawDataset } from "../../scripts/dataset/dataset.ts";
import { drawTar, TAR_LIMIT_BYTES } from "../../scripts/dataset/drawTar.ts";
import { fileFailure } from "../../scripts/dataset/errors.ts";
import { planTars } from "../../scripts/dataset/plan.ts";
import { contents, listener, readTar, sha256, TINY, TINY_FOLDER, temporaryFolder } from "./support.ts";

const draw = async (folder: string, plan = TINY) => {
  const screen = listener();
  await drawDataset(folder, plan, screen);
  return screen.said();
};

test("the same command draws the same bytes, today as when the stored set was drawn", async () => {
  const folder = join(temporaryFolder(), "new/folder");
  expect(await draw(folder)).toMatch(/train-00000\.tar: 8 images.*\n/);
  expect(contents(folder)).toEqual(contents(TINY_FOLDER));
  expect(await draw(folder)).toContain("is complete already");
});

test("the tars hold what dataset.json and attributes.jsonl say", () => {
  const dataset = JSON.parse(readFileSync(join(TINY_FOLDER, "dataset.json"), "utf8"));
  const attributes = readFileSync(join(TINY_FOLDER, "attributes.jsonl"), "utf8");
  const lines = attributes
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(dataset.attributes).toMatchObject({
    bytes: Buffer.byteLength(attributes),
    sha256: sha256(attributes),
  });
  expect(dataset.splits.train.count).toBe(16);
  expect(dataset.splits["held-out"].count).toBe(8);

  let at = 0;
  for (const { file, bytes, sha256: hash, count, pixelsSha256 } of [
    ...dataset.splits.train.tars,
    ...dataset.splits["held-out"].tars,
  ]) {
    const tar = readFileSync(join(TINY_FOLDER, file));
    expect([tar.length, sha256(tar)]).toEqual([bytes, hash]);
    const members = readTar(tar);
    expect(members).toHaveLength(count);
    const pixels = members.map(({ name, header, content }) => {
      const line = lines[at++];
      expect(name).toBe(`${line.key}.png`);
      expect(file.startsWith(line.split)).toBe(true);
      expect(dataset.styles[line.label]).toBe(line.style);
      expect(line.seed).toBe(`${line.style}/${line.index}`);
      // mode, owner, group and time are fixed
      expect(Buffer.from(header.subarray(100, 124)).toString()).toBe("0000644\x000000000\x000000000\x00");
      expect(Buffer.from(header.subarray(136, 148)).toString()).toBe("00000000000\x00");
      const png = decodePng(content);
      if (!png.ok) throw new Error(png.error.kind);
      expect([png.value.width, png.value.height]).toEqual([128, 128]);
      return Buffer.from(png.value.rgba.filter((_, n) => n % 4 !== 3));
    });
    expect(sha256(Buffer.concat(pixels))).toBe(pixelsSha256);
  }
  expect(at).toBe(24);
});

/** Leaves `folder` as a run of TINY leaves it that has just begun. */
function begin(folder: string, changes: Partial<typeof TINY> = {}): void {
  const { splits, attributes, ...plan } = JSON.parse(readFileSync(join(TINY_FOLDER, "dataset.json"), "utf8"));
  mkdirSync(join(folder, ".unfinished"));
  writeFileSync(join(folder, ".unfinished/plan.json"), JSON.stringify({ ...plan, ...changes }));
}

/** Runs the real command on a begun `folder`, and ends it by SIGKILL while it writes train-00001.tar, all other tars
 *  being finished: that one is written into a pipe that nobody reads, so that the moment does not depend on luck. */
async function killWhileWriting(folder: string): Promise<void> {
  execFileSync("mkfifo", [join(folder, "train-00001.tar.part")]);
  const options = ["--per-class", "2", "--held-out-per-class", "1", "--per-tar", "8"];
  const child = spawn(
    process.execPath,
    ["--import", "tsx", "scripts/dataset/main.ts", "--out", folder, ...options],
    { stdio: "ignore" },
  );
  const ended = once(child, "exit");
  const others = ["train-00000.tar", "held-out-00000.tar"].map((tar) =>
    join(folder, `.unfinished/${tar}.json`),
  );
  while (!others.every((file) => existsSync(file))) {
    if (child.exitCode !== null) throw new Error(`ended by itself: ${child.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  child.kill("SIGKILL");
  await ended;
  rmSync(join(folder, "train-00001.tar.part"));
}

// Windows has no named pipes in folders.
test.skipIf(process.platform === "win32")(
  "killed in the middle and started again, it has the bytes of an unbroken run",
  async () => {
    const folder = temporaryFolder();
    begin(folder);
    writeFileSync(join(folder, "train-00000.tar"), ""); // nothing is known about it, so it is not trusted
    await killWhileWriting(folder);
    expect(existsSync(join(folder, "dataset.json"))).toBe(false);
    expect(existsSync(join(folder, "train-00001.tar"))).toBe(false);
    writeFileSync(join(folder, "train-00001.tar.part"), "half of a tar");
    truncateSync(join(folder, ".unfinished/held-out-00000.tar.jsonl"), 1000);
    expect(await draw(folder)).toContain("Finished already and kept: 1 of 3 tars.");
    expect(contents(folder)).toEqual(contents(TINY_FOLDER));
  },
);

test("a tar that was damaged or lost is drawn again, and nothing else", async () => {
  const folder = temporaryFolder(TINY_FOLDER);
  truncateSync(join(folder, "train-00001.tar"), 1000);
  const said = await draw(folder);
  expect(said).toContain("Finished already and kept: 2 of 3 tars.");
  expect(said).toContain("train-00001.tar: 8 images");
  expect(contents(folder)).toEqual(contents(TINY_FOLDER));
});

test("damaged attributes are made again", async () => {
  const folder = temporaryFolder(TINY_FOLDER);
  truncateSync(join(folder, "attributes.jsonl"), 1000);
  await draw(folder);
  expect(contents(folder)).toEqual(contents(TINY_FOLDER));
});

/** Changes dataset.json in `folder` as a text. */
function edit(folder: string, from: string, to: string): void {
  const file = join(folder, "dataset.json");
  const text = readFileSync(file, "utf8");
  if (!text.includes(from)) throw new Error(`${from} is not in dataset.json`);
  writeFileSync(file, text.replace(from, to));
}

test.each([
  [
    "of another size",
    TINY_FOLDER,
    { ...TINY, size: 64 },
    () => {},
    "holds another data set (size 128 instead of 64)",
  ],
  [
    "by another version of the drawing",
    TINY_FOLDER,
    TINY,
    (folder: string) => edit(folder, '"@dicebear/micah": "9.4.3"', '"@dicebear/micah": "9.2.0"'),
    "(@dicebear/micah 9.2.0 instead of 9.4.3)",
  ],
  [
    "that was begun otherwise",
    undefined,
    TINY,
    (folder: string) => begin(folder, { perClass: 5 }),
    "(perClass 5 instead of 2)",
  ],
  [
    "whose dataset.json is broken",
    TINY_FOLDER,
    TINY,
    (folder: string) => truncateSync(join(folder, "dataset.json"), 100),
    "dataset.json cannot be read",
  ],
  [
    "whose dataset.json is of another shape",
    TINY_FOLDER,
    TINY,
    (folder: string) => edit(folder, '"count": 8', '"count": "eight"'),
    "dataset.json cannot be read",
  ],
  [
    "with other things",
    undefined,
    TINY,
    (folder: string) => writeFileSync(join(folder, "thesis.txt"), "years of work"),
    "holds other things, for instance thesis.txt",
  ],
  [
    "that a living process draws into",
    undefined,
    TINY,
    (folder: string) => {
      mkdirSync(join(folder, ".unfinished"));
      writeFileSync(join(folder, ".unfinished/pid"), `${process.ppid}\n`);
    },
    `Process ${process.ppid} is drawing into`,
  ],
] as const)("a folder %s is refused and left as it is", async (_, from, plan, prepare, message) => {
  const folder = temporaryFolder(from);
  prepare(folder);
  const before = contents(folder);
  await expect(draw(folder, plan)).rejects.toThrow(message);
  expect(contents(folder)).toEqual(before);
});

test("pixels that came out otherwise than dataset.json says are not stored", async () => {
  const folder = temporaryFolder(TINY_FOLDER);
  rmSync(join(folder, "held-out-00000.tar"));
  const { splits } = JSON.parse(readFileSync(join(folder, "dataset.json"), "utf8"));
  edit(folder, splits["held-out"].tars[0].pixelsSha256, "0".repeat(64));
  await expect(draw(folder)).rejects.toThrow(/held-out-00000\.tar came out with other pixels/);
  expect(existsSync(join(folder, "held-out-00000.tar"))).toBe(false);
});

// /dev/full answers every write as a full disk does.
test.skipIf(!existsSync("/dev/full"))("a full disk is said in words, and what is there stays", async () => {
  const folder = temporaryFolder(TINY_FOLDER);
  rmSync(join(folder, "train-00000.tar"));
  symlinkSync("/dev/full", join(folder, "train-00000.tar.part"));
  await expect(draw(folder)).rejects.toThrow(
    /The disk is full at .*train-00000\.tar\. What is finished stays/,
  );
  const { "train-00000.tar": lost, ...kept } = contents(TINY_FOLDER);
  expect(lost).toBeDefined();
  expect(contents(folder)).toEqual({ ".unfinished": "folder", ...kept });
});

test("every error of the file system has a sentence", async () => {
  const from = (code: string) =>
    fileFailure("/data/x", Object.assign(new Error(`${code}: as it says`), { code }));
  expect(from("EACCES").message).toBe(
    "There is no permission to write /data/x: choose another folder for --out.", // not tried: root may write everywhere
  );
  expect(from("EROFS").error.kind).toBe("NoPermission");
  expect(from("EDQUOT").error.kind).toBe("DiskFull");
  expect(from("EIO").message).toBe("/data/x: EIO: as it says");
  await expect(draw(join(process.cwd(), "package.json"))).rejects.toThrow("package.json cannot be a folder");
  await expect(draw(join(process.cwd(), "package.json/x"))).rejects.toThrow(
    "package.json/x cannot be a folder",
  );
});

test("a tar beyond its limit is refused before it is written, and the usual ones are far from it", () => {
  const [tar] = planTars({ ...TINY, size: 16 });
  expect(() => drawTar(tar, 16, () => {}, 8000)).toThrow(
    /train-00000\.tar would have \d+ bytes, and 8000 is the most/,
  );
  const { splits } = JSON.parse(readFileSync(join(TINY_FOLDER, "dataset.json"), "utf8"));
  const largest = Math.max(...splits.train.tars.map((entry: { bytes: number }) => entry.bytes));
  expect((largest / 8) * 2000).toBeLessThan(TAR_LIMIT_BYTES / 4);
});
