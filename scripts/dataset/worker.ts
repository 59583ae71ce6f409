/** Worker thread: draws one tar for each task that it is sent. */
import { parentPort } from "node:worker_threads";
import { drawTar, type TarEntry } from "./drawTar.ts";
import { type DatasetError, DatasetFailure } from "./errors.ts";
import { store } from "./folder.ts";
import type { TarPlan } from "./plan.ts";

export interface Task {
  readonly tar: TarPlan;
  readonly size: number;
  readonly folder: string;
  /** What the pixels must be, when a finished data set is mended. */
  readonly pixelsSha256: string | null;
}

/** Any number of `images`, then exactly one of `drawn` | `failed`, for each task. */
export type Answer =
  | { readonly type: "images"; readonly count: number }
  | { readonly type: "drawn"; readonly entry: TarEntry }
  | { readonly type: "failed"; readonly error: DatasetError };

/** Few enough messages not to cost anything, enough for a bar that moves: about two a second. */
const REPORT_EVERY = 40;

async function perform({ tar, size, folder, pixelsSha256 }: Task, post: (answer: Answer) => void) {
  let unreported = 0;
  const drawn = drawTar(tar, size, () => {
    if (++unreported < REPORT_EVERY) return;
    post({ type: "images", count: unreported });
    unreported = 0;
  });
  post({ type: "images", count: unreported });
  const { entry } = drawn;
  if (pixelsSha256 !== null && entry.pixelsSha256 !== pixelsSha256)
    throw new DatasetFailure({
      kind: "DrawnDifferently",
      file: tar.file,
      expected: pixelsSha256,
      drawn: entry.pixelsSha256,
    });
  await store(folder, drawn);
  post({ type: "drawn", entry });
}

const port = parentPort;
if (port === null) throw new Error("worker.ts runs as a worker thread only");
const post = (answer: Answer) => port.postMessage(answer);
port.on("message", (task: Task) => {
  perform(task, post).catch((cause: unknown) => {
    if (!(cause instanceof DatasetFailure)) throw cause; // a mistake of ours: the whole command fails with its trace
    post({ type: "failed", error: cause.error });
  });
});
