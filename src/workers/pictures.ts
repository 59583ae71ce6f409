import type { DatasetStore } from "#datasets/dataset.ts";
import { type DrawParts, drawDataset } from "#datasets/drawn/drawDataset.ts";
import { importErrorOf } from "#datasets/importError.ts";
import { importFiles, optionProblem } from "#datasets/importFiles.ts";
import { type NewImage, type OnImportProgress, SHOWN, toLatest } from "#datasets/importProgress.ts";
import type { Decode } from "#datasets/openPicture.ts";
import { previewFiles } from "#datasets/previewFiles.ts";
import type {
  PicturesId,
  PicturesJob,
  PicturesReply,
  PicturesRequest,
  Previews,
} from "./picturesProtocol.ts";
import { yieldToMessages } from "./yield.ts";

/** What the worker needs of its surroundings. */
export interface PicturesParts {
  readonly store: DatasetStore;
  readonly decode: Decode;
  readonly openDrawer: DrawParts["openDrawer"];
  readonly now?: () => number;
}

/** Progress is told this often at most, in milliseconds. */
const PROGRESS_MS = 50;

/** Serves the pictures protocol: takes requests in, gives replies out through `post`. It knows neither worker nor page, so
 *  tests run this very code. */
export function createPictures(
  { store, decode, openDrawer, now = () => performance.now() }: PicturesParts,
  post: (reply: PicturesReply, transfer?: Transferable[]) => void,
) {
  const open = new Map<PicturesId, AbortController>();
  /** Imports and drawings, one after the other. */
  let line: Promise<void> = Promise.resolve();

  /** Tells the first, the last and, in between, what is new after PROGRESS_MS. */
  function teller(id: PicturesId, imageSize: number): OnImportProgress {
    let told = Number.NEGATIVE_INFINITY;
    let latest: NewImage[] = [];
    return (counts, image) => {
      if (image) latest = [...latest, image].slice(-SHOWN);
      const time = now();
      if (counts.done < counts.of && time - told < PROGRESS_MS) return;
      told = time;
      const shown = latest.map((one) => toLatest(one, imageSize));
      latest = [];
      post(
        { type: "progress", id, progress: { ...counts, latest: shown } },
        shown.map(({ rgba }) => rgba),
      );
    };
  }

  async function serve(id: PicturesId, job: PicturesJob, signal: AbortSignal): Promise<void> {
    try {
      const [reply, transfer] = await replyTo(id, job, signal);
      post(reply, transfer);
    } catch (cause) {
      post({ type: "failed", id, error: importErrorOf(cause) });
    } finally {
      open.delete(id);
    }
  }

  async function replyTo(
    id: PicturesId,
    job: PicturesJob,
    signal: AbortSignal,
  ): Promise<[PicturesReply, Transferable[]?]> {
    if (signal.aborted) return [{ type: "failed", id, error: { kind: "Cancelled" } }];
    switch (job.type) {
      case "import":
      case "draw": {
        await store.sweep().catch(() => {}); // what cut imports left makes room first; a full disk is told by the import
        const parts = { store, signal, onProgress: teller(id, job.options.imageSize) };
        const made =
          job.type === "import"
            ? await importFiles(job.files, job.options, { ...parts, decode })
            : await drawDataset(job.options, { ...parts, openDrawer, pause: yieldToMessages });
        return [
          made.ok ? { type: "made", id, record: made.value } : { type: "failed", id, error: made.error },
        ];
      }
      case "preview": {
        const seen = await previewFiles(job.files, job.count, job.imageSize, decode, signal);
        return seen.ok
          ? [{ type: "previewed", id, previews: seen.value }, buffersOf(seen.value)]
          : [{ type: "failed", id, error: seen.error }];
      }
      case "rename": {
        const problem = optionProblem({ name: job.name, imageSize: 64 });
        if (problem) return [{ type: "failed", id, error: problem }];
        await store.rename(job.dataset, job.name.trim());
        return [{ type: "renamed", id }];
      }
      default:
        return job satisfies never;
    }
  }

  return {
    handle(request: PicturesRequest): void {
      const { id } = request;
      switch (request.type) {
        case "ask": {
          const controller = new AbortController();
          open.set(id, controller);
          const run = () => serve(id, request.job, controller.signal);
          if (request.job.type === "import" || request.job.type === "draw") line = line.then(run);
          else void run();
          return;
        }
        case "cancel":
          open.get(id)?.abort();
          return;
        default:
          request satisfies never;
      }
    },
  };
}

const buffersOf = ({ previews }: Previews): ArrayBuffer[] =>
  previews.flatMap(({ thumbnail, centre, smart }) => [
    thumbnail.rgba.buffer,
    centre.rgb.buffer,
    smart.rgb.buffer,
  ]);
