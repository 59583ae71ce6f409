import { Zip, ZipPassThrough } from "fflate";
import { fail, ok, type Result } from "#bytes/result.ts";
import { findFamily, findModel, type Manifest } from "#checkpoints/manifest.ts";
import type { TensorMap } from "#checkpoints/tensor.ts";
import type { Answers } from "#library/draft.ts";
import { type ExportedFile, exportedFiles } from "#library/exportModel.ts";
import type { ExportWish } from "#library/exportWish.ts";
import type { ImportError } from "#library/importError.ts";
import { type Inspected, inspect } from "#library/inspect.ts";
import { modelOfDraft } from "#library/keepDraft.ts";
import { type Base, LARGEST_MODEL_BYTES, type LocalModelId } from "#library/localModel.ts";
import { type LocalModels, libraryError } from "#library/localModels.ts";
import { readModel } from "#library/readModel.ts";
import { EngineFailure } from "./errors.ts";
import type { Answer, LibraryReply, LibraryRequest, Question } from "./libraryProtocol.ts";
import { localFiles } from "./localSource.ts";
import { checkpointOf, type FetchFiles } from "./weightFiles.ts";

export interface LibraryParts {
  readonly models: LocalModels;
  /** Files of shipped models, for low-rank matrices that are for one of them. */
  readonly fetchFiles: (manifestUrl: string) => FetchFiles;
  readonly post: (reply: LibraryReply) => void;
}

/** Serves the library protocol: takes requests in, gives replies out through `post`, one after the other. It knows neither
 *  worker nor page, so tests run this very code. */
export function createLibraryServer({ models, fetchFiles, post }: LibraryParts) {
  let draft: Inspected | null = null;
  let serving: Promise<void> = Promise.resolve();

  async function serve({ id, question }: LibraryRequest): Promise<void> {
    let answered: Result<Answer, ImportError>;
    try {
      answered = await answerTo(question);
    } catch (cause) {
      const detail = cause instanceof Error ? cause.message : String(cause);
      answered = fail({ kind: "Internal", detail });
    }
    post(
      answered.ok
        ? { type: "answered", id, answer: answered.value }
        : { type: "failed", id, error: answered.error },
    );
  }

  function answerTo(question: Question): Promise<Result<Answer, ImportError>> {
    switch (question.kind) {
      case "inspect":
        return inspectFiles(question.files, question.manifest, question.manifestUrl);
      case "keep":
        return keep(question.answers, question.now);
      case "discard":
        draft = null;
        return Promise.resolve(ok({ kind: "discard" }));
      case "export":
        return exportModel(question.id, question.wish);
      default:
        return question satisfies never;
    }
  }

  async function inspectFiles(
    files: readonly File[],
    manifest: Manifest,
    manifestUrl: string,
  ): Promise<Result<Answer, ImportError>> {
    draft = null; // its tensors make room for the next
    let bytes = 0;
    for (const file of files) {
      bytes += file.size;
      if (bytes > LARGEST_MODEL_BYTES)
        return fail({ kind: "TooLarge", file: file.name, bytes, limitBytes: LARGEST_MODEL_BYTES });
    }
    const brought = await Promise.all(
      files.map(async (file) => ({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) })),
    );
    const read = readModel(brought);
    if (!read.ok) return read;
    const inspected = await inspect(read.value, {
      manifest,
      baseTensors: (base, family) => baseTensors(base, family, manifest, fetchFiles(manifestUrl)),
    });
    if (!inspected.ok) return inspected;
    draft = inspected.value;
    return ok({ kind: "inspect", draft: draft.draft });
  }

  async function baseTensors(
    { name, sha256 }: Base,
    family: string,
    manifest: Manifest,
    network: FetchFiles,
  ): Promise<Result<TensorMap, string>> {
    const of = findFamily(manifest, family);
    const entry = of && findModel(of, name);
    if (!entry) return fail(`There is no model ${name} in ${family} here.`);
    if (entry.files.map((file) => file.sha256).join() !== sha256.join())
      return fail(`The ${name} here has other weights than the one that the matrices were trained on.`);
    try {
      const contents = await localFiles(models, network)(entry.files, () => {}, new AbortController().signal);
      return ok(checkpointOf(entry.files, contents).tensors);
    } catch (cause) {
      if (cause instanceof EngineFailure) return fail(`${name} could not be had (${cause.error.kind}).`);
      throw cause;
    }
  }

  async function keep(answers: Answers, now: number): Promise<Result<Answer, ImportError>> {
    if (!draft) return fail({ kind: "NothingRead" });
    const made = await modelOfDraft(draft, answers, now);
    if (!made.ok) return made;
    const { model, files } = made.value;
    try {
      const same = (await models.list()).find(({ sha256 }) => sha256 === model.sha256);
      if (same) return fail({ kind: "AlreadyHere", id: same.id, name: same.name });
      await models.put(model, files);
    } catch (cause) {
      return fail({ kind: "NotKept", error: libraryError(cause) });
    }
    draft = null;
    return ok({ kind: "keep", model });
  }

  async function exportModel(id: LocalModelId, wish: ExportWish): Promise<Result<Answer, ImportError>> {
    const [model, files] = await Promise.all([models.get(id), models.files(id)]);
    if (!model || !files) return fail({ kind: "NotFound", id });
    const exported = exportedFiles(model, files, wish);
    if (!exported.ok) return fail({ kind: "Unreadable", file: model.name, detail: exported.error });
    const [weights] = exported.value;
    return ok(
      wish.files === "weights"
        ? { kind: "export", name: weights.name, contents: new Blob([weights.bytes]) }
        : {
            kind: "export",
            name: weights.name.replace(/\.safetensors$/, ".zip"),
            contents: zipOf(exported.value),
          },
    );
  }

  return {
    handle(request: LibraryRequest): void {
      serving = serving.then(() => serve(request));
    },
    /** Resolves when everything asked so far is answered. */
    idle: (): Promise<void> => serving,
  };
}

/** Stored, not packed: weights do not shrink. */
function zipOf(files: readonly ExportedFile[]): Blob {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const archive = new Zip((_, chunk) => parts.push(new Uint8Array(chunk)));
  for (const { name, bytes } of files) {
    const entry = new ZipPassThrough(name);
    archive.add(entry);
    entry.push(bytes, true);
  }
  archive.end();
  return new Blob(parts, { type: "application/zip" });
}
