/** The command-line twin of the Generate page: the same engine in Node. See `--help`. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { enableProdMode } from "@tensorflow/tfjs-core";
import { partsFor } from "#checkpoints/modelChoice.ts";
import { hasSwitch } from "#checkpoints/modelText.ts";
import { encodePng } from "#images/png.ts";
import { type ImageSettings, SETTINGS_KEY, settingsFromPng, settingsToPngText } from "#images/settings.ts";
import { createEngine } from "#workers/engine.ts";
import { EngineFailure } from "#workers/errors.ts";
import type { EngineEvent } from "#workers/protocol.ts";
import packageJson from "../package.json" with { type: "json" };
import { describeFailure } from "./describeFailure.ts";
import { fileManifest, filesBeside } from "./fileSource.ts";
import { nodeBackends } from "./nodeBackends.ts";
import { readArguments, resolveSettings, USAGE, UsageError } from "./options.ts";

type ImageEvent = Extract<EngineEvent, { type: "image" }>;

/** The weights that the page serves. */
const MANIFEST = new URL("../public/models/manifest.json", import.meta.url).href;
const LOAD = 1;
const GENERATE = 2;

/** Progress and messages; stdout belongs to --json. */
const log = (line: string) => process.stderr.write(`${line}\n`);

async function storedSettings(path: string): Promise<ImageSettings> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw new UsageError(`--from ${path}: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
  const parsed = settingsFromPng(bytes);
  if (!parsed.ok) throw new UsageError(`--from ${path}: ${parsed.error.message}`);
  return parsed.value;
}

/** A name that tells images of one folder apart: family, class, seed, model and, where it counts, the switch time. */
function fileName({ family, class: name, seed, model, tau }: ImageSettings): string {
  const drawnBy = hasSwitch(model) ? `${model.replaceAll(":", "-")}-${tau}` : model;
  return `${family}_${name}_seed-${seed}_${drawnBy}.png`;
}

async function writeImage(event: ImageEvent, folder: string): Promise<string> {
  const { width, height, rgba, settings } = event;
  const png = encodePng(
    { width, height, data: new Uint8Array(rgba) },
    { [SETTINGS_KEY]: settingsToPngText(settings) },
  );
  const path = join(folder, fileName(settings));
  await writeFile(path, png);
  return path;
}

/** One line of --json. */
function describe({ settings, passes, ms }: ImageEvent, path: string) {
  const { seed, label, model, tau, steps, solver, guidance, nfe, sha256, family } = settings;
  return {
    seed,
    model,
    tau,
    steps,
    nfe,
    ms,
    sha256,
    passes,
    label,
    class: settings.class,
    solver,
    guidance,
    family,
    file: path,
  };
}

/** Runs the command; the process's exit status: 0 when every image was made, 1 when one failed, 2 when the command was
 *  called wrongly. */
async function main(argv: readonly string[]): Promise<number> {
  const typed = readArguments(argv);
  if (typed.help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const manifest = await fileManifest(MANIFEST);
  const stored = typed.from === undefined ? null : await storedSettings(typed.from);
  const settings = resolveSettings(typed, stored, manifest);
  const { family, images, chosen, backend, ...how } = settings;
  try {
    await mkdir(typed.out, { recursive: true });
  } catch (cause) {
    throw new UsageError(`--out ${typed.out}: ${cause instanceof Error ? cause.message : String(cause)}`);
  }

  let made = 0;
  let failed = 0;
  const writes: Promise<void>[] = [];
  const finish = async (event: ImageEvent) => {
    const path = await writeImage(event, typed.out);
    made++;
    if (typed.json) process.stdout.write(`${JSON.stringify(describe(event, path))}\n`);
    const { nfe, ms } = event;
    log(
      `seed ${event.seed}: ${path}  ${nfe.light} light + ${nfe.heavy} heavy evaluations, ${ms.sample.toFixed(0)} ms + ${ms.decode.toFixed(0)} ms decoding`,
    );
    if (
      stored &&
      event.seed === stored.seed &&
      stored.sha256 !== event.sha256 &&
      asStored(event.settings, stored)
    )
      log(
        `seed ${event.seed}: the pixels differ from those of ${typed.from} (another backend may round otherwise)`,
      );
  };
  const engine = createEngine({
    backends: nodeBackends,
    fetchManifest: fileManifest,
    fetchFiles: filesBeside,
    now: () => performance.now(),
    app: `steadyflow ${packageJson.version}`,
    post: (event) => {
      if (event.type === "backend") log(event.report.reason);
      if (event.type === "image") writes.push(finish(event));
      if (event.type === "failed") {
        failed++;
        log(describeFailure(event.error));
      }
      if (event.type === "state" && (event.state.status === "failed" || event.state.status === "no-webgpu")) {
        failed++;
        log(
          event.state.status === "failed"
            ? describeFailure(event.state.error)
            : `${event.state.reason} ${event.state.remedy}`,
        );
      }
    },
  });
  engine.handle({ type: "start", backend, manifestUrl: MANIFEST, faults: false });
  await engine.idle();
  if (failed > 0) return 1;
  // A setting out of range is refused by the job; what it would need cannot be known then, and need not be.
  const parts =
    how.steps >= 2 && how.tau >= 0 && how.tau <= 1 && Number.isInteger(how.steps)
      ? partsFor(chosen, how)
      : [];
  engine.handle({ type: "load", id: LOAD, family: family.name, parts });
  engine.handle({
    type: "generate",
    id: GENERATE,
    job: { ...how, family: family.name, images, previews: false },
  });
  process.once("SIGINT", () => engine.handle({ type: "cancel", id: GENERATE }));
  await engine.idle();
  for (const write of await Promise.allSettled(writes)) {
    if (write.status === "fulfilled") continue;
    failed++;
    log(
      `An image could not be written: ${write.reason instanceof Error ? write.reason.message : String(write.reason)}`,
    );
  }
  return failed === 0 && made === images.length ? 0 : 1;
}

/** Whether `made` used the very settings that `stored` records, weights and backend included. */
function asStored(made: ImageSettings, stored: ImageSettings): boolean {
  const key = ({ sha256, app, ...rest }: ImageSettings) => JSON.stringify(Object.entries(rest).sort());
  return key(made) === key(stored);
}

const alive = setInterval(() => {}, 1000); // Dawn's promises do not keep Node waiting for them
enableProdMode(); // without it tfjs prints an advertisement on the cpu backend
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (cause) {
  if (cause instanceof UsageError) {
    log(`${cause.message}\n\n${USAGE}`);
    process.exitCode = 2;
  } else if (cause instanceof EngineFailure) {
    log(describeFailure(cause.error));
    process.exitCode = 1;
  } else throw cause;
}
clearInterval(alive);
// Dawn's threads would keep the process alive.
process.exit();
