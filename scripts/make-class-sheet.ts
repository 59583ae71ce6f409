/** Draws the pictures on the class buttons with our own models, one tile a class in label order:
 *  `node scripts/run.mjs scripts/make-class-sheet.ts`. To be run again when the shipped weights change. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseManifest } from "../src/checkpoints/manifest.ts";
import { encodePng } from "../src/images/png.ts";
import { decodePng } from "../src/images/pngPixels.ts";

/** Seeds whose picture shows its class well, found by looking; any other class takes seed 1. */
const SEEDS: Readonly<Record<string, number>> = {
  adventurer: 2,
  bigSmile: 5,
  dylan: 2,
  lorelei: 7,
  micah: 6,
  openPeeps: 5,
  personas: 5,
  toonHead: 5,
};

const manifest = parseManifest(JSON.parse(readFileSync("public/models/manifest.json", "utf8")));
if (!manifest.ok) throw new Error(manifest.error);

for (const family of manifest.value.families) {
  const size = family.image_size;
  const width = size * family.classes.length;
  const sheet = new Uint8Array(width * size * 3);
  for (const { name, label } of family.classes) {
    const rgba = draw(family.name, name);
    for (let y = 0; y < size; y++)
      for (let x = 0; x < size; x++)
        sheet.set(
          rgba.subarray((y * size + x) * 4, (y * size + x) * 4 + 3),
          (y * width + label * size + x) * 3,
        );
  }
  const file = `src/ui/generate/ClassPicker/${family.name}.png`;
  writeFileSync(file, encodePng({ width, height: size, data: sheet }));
  console.log(`${file}: ${family.classes.length} classes`);
}

/** RGBA of one picture of the class, by the command line. */
function draw(family: string, className: string): Uint8Array {
  const out = mkdtempSync(join(tmpdir(), "class-sheet-"));
  try {
    const seed = String(SEEDS[className] ?? 1);
    const options = [
      "--family",
      family,
      "--class",
      className,
      "--seed",
      seed,
      "--model",
      "c2f",
      "--out",
      out,
    ];
    execFileSync(process.execPath, ["scripts/run.mjs", "cli/generate.ts", ...options], { stdio: "ignore" });
    const [file] = readdirSync(out);
    const decoded = decodePng(readFileSync(join(out, file ?? "")));
    if (!decoded.ok) throw new Error(`${file}: ${JSON.stringify(decoded.error)}`);
    return decoded.value.rgba;
  } finally {
    rmSync(out, { recursive: true });
  }
}
