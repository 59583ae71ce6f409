import type { BackendSource, GpuProbe } from "#workers/backends.ts";
import { createEngine } from "#workers/engine.ts";
import { EngineFailure } from "#workers/errors.ts";
import type { LocalModelSource } from "#workers/localSource.ts";
import type { EngineEvent, EngineRequest, EngineState, GenerateJob, JobId } from "#workers/protocol.ts";
import { openRegistered } from "#workers/registeredBackend.ts";
import { tinyFamily } from "../fixtures/tinyFamily.ts";

/** An event of one request. */
export type JobEvent = Extract<EngineEvent, { readonly id: JobId }>;

export const NO_GPU: GpuProbe = { kind: "none", reason: "No WebGPU here.", remedy: "Use another browser." };

/** Real tfjs backends whose device the test can take away, and whose probe answers as told. Whatever is asked for, `real`
 *  computes. */
export function scriptedBackends(probe: GpuProbe = NO_GPU, real: "cpu" | "wasm" = "cpu") {
  let lose: (reason: string) => void = () => {};
  let opened = 0;
  const backends: BackendSource = {
    probe: async () => probe,
    async open(name) {
      opened++;
      if (real === "cpu") await import("@tensorflow/tfjs-backend-cpu");
      else await import("@tensorflow/tfjs-backend-wasm");
      const lost = new Promise<string>((resolve) => {
        lose = resolve;
      });
      return {
        ...(await openRegistered(real)),
        name,
        lost,
        lose: () => lose("The device was reset."),
      };
    },
  };
  return { backends, lose: () => lose("The device was reset."), opened: () => opened };
}

/** An engine on the tiny family, with its events written down. */
export async function testEngine(
  { backends, localModels }: { backends: BackendSource; localModels?: LocalModelSource },
  imageSize: 8 | 16 = 8,
) {
  const { manifest, files } = await tinyFamily(imageSize);
  const events: EngineEvent[] = [];
  const watchers: ((event: EngineEvent) => void)[] = [];
  const engine = createEngine({
    backends,
    fetchManifest: async (url) => {
      if (!url.endsWith("manifest.json"))
        throw new EngineFailure({ kind: "ManifestUnreachable", url, detail: "404" });
      return manifest;
    },
    fetchFiles: () => async (entries, onProgress) =>
      entries.map(({ file, bytes }) => {
        const content = files.get(file);
        if (!content)
          throw new EngineFailure({
            kind: "DownloadFailed",
            file,
            httpStatus: 404,
            loadedBytes: 0,
            totalBytes: bytes,
            detail: "not found",
          });
        onProgress(bytes, bytes, false);
        return content;
      }),
    ...(localModels && { localModels }),
    post: (event, transfer = []) => {
      const received = structuredClone(event, { transfer }); // as a worker's message: what was given away is gone
      events.push(received);
      for (const watch of watchers) watch(received);
    },
    now: () => performance.now(),
    app: "steadyflow test",
  });
  return {
    engine,
    events,
    manifest,
    files,
    /** Calls `react` with every event from now on. */
    watch: (react: (event: EngineEvent) => void) => {
      watchers.push(react);
    },
    start: (choice: "auto" | "webgpu" | "wasm" | "cpu" = "auto") =>
      engine.handle({ type: "start", backend: choice, manifestUrl: "models/manifest.json", faults: true }),
    /** Sends a request, waits until all is served and gives its events, of which `closing` is the last. */
    serve: async (request: Extract<EngineRequest, { type: "load" } | { job: unknown }>) => {
      engine.handle(request);
      await engine.idle();
      const own = events.filter((event): event is JobEvent => "id" in event && event.id === request.id);
      return { own, closing: own.at(-1) };
    },
    loadAll: (id: JobId) =>
      engine.handle({ type: "load", id, family: "tiny", parts: ["decoder", "light", "heavy"] }),
    states: () =>
      events.flatMap((event) => (event.type === "state" ? [event.state] : [])) satisfies EngineState[],
    of: <T extends EngineEvent["type"]>(type: T) =>
      events.filter((event): event is Extract<EngineEvent, { type: T }> => event.type === type),
  };
}

export const tinyJob = (changes: Partial<GenerateJob> = {}): GenerateJob => ({
  family: "tiny",
  images: [1, 2, 3, 4].map((seed) => ({ seed, label: seed % 2 })),
  model: "c2f",
  tau: 0.7,
  steps: 11,
  solver: "euler",
  guidance: 1.5,
  previews: true,
  batch: null,
  ...changes,
});
