import { fail, ok, type Result } from "#bytes/result.ts";
import type {
  DatasetId,
  DatasetImportError,
  DatasetRecord,
  DrawOptions,
  ImportOptions,
  ImportProgress,
  PickedFile,
  PicturesId,
  PicturesJob,
  PicturesReply,
  PicturesRequest,
  Previews,
  PreviewWish,
} from "./picturesProtocol.ts";

/** Never rejects. Once its signal fires it is settled as Cancelled, when the worker has put away what it began. */
type Asked<T> = Promise<Result<T, DatasetImportError>>;

export interface Following {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ImportProgress) => void;
}

/** The page's end of the wire to the pictures worker. Requests are described in picturesProtocol.ts. */
export interface PicturesClient {
  /** Makes a data set out of files. */
  import(files: readonly PickedFile[], options: ImportOptions, following?: Following): Asked<DatasetRecord>;
  /** Makes a data set of drawn avatars. */
  draw(options: DrawOptions, following?: Following): Asked<DatasetRecord>;
  /** Shows how some of the files would be cropped. */
  preview(wish: PreviewWish, signal?: AbortSignal): Asked<Previews>;
  rename(dataset: DatasetId, name: string): Asked<null>;
  /** Ends the worker; what is open is answered Cancelled, and what an import has written is swept later. */
  close(): void;
}

/** What carries requests to a pictures worker and reports what comes back. */
export interface PicturesWire {
  send(request: PicturesRequest): void;
  close(): void;
}
export type OpenPicturesWire = (
  onReply: (reply: PicturesReply) => void,
  onFailure: (detail: string) => void,
) => PicturesWire;

/** A client whose worker starts with the first request, and starts anew after one that died: whatever was open then is
 *  answered Internal. */
export const connectPictures = (): PicturesClient => createPicturesClient(openWorker);

/** A request that waits for its last reply. */
interface Open {
  readonly onProgress: (progress: ImportProgress) => void;
  readonly settle: (reply: Result<Closing, DatasetImportError>) => void;
}
type Closing = Exclude<PicturesReply, { type: "progress" } | { type: "failed" }>;

/** A client over any wire. */
export function createPicturesClient(openWire: OpenPicturesWire): PicturesClient {
  const open = new Map<PicturesId, Open>();
  let wire: PicturesWire | null = null;
  let lastId: PicturesId = 0;

  function end(error: DatasetImportError): void {
    wire?.close();
    wire = null;
    for (const { settle } of [...open.values()]) settle(fail(error));
  }

  function onReply(reply: PicturesReply): void {
    const asked = open.get(reply.id);
    if (reply.type === "progress") asked?.onProgress(reply.progress);
    else asked?.settle(reply.type === "failed" ? fail(reply.error) : ok(reply));
  }

  function ask(job: PicturesJob, { signal, onProgress = () => {} }: Following = {}): Asked<Closing> {
    if (signal?.aborted) return Promise.resolve(fail({ kind: "Cancelled" }));
    const id = ++lastId;
    return new Promise((resolve) => {
      const cancel = () => wire?.send({ type: "cancel", id });
      open.set(id, {
        onProgress,
        settle(reply) {
          open.delete(id);
          signal?.removeEventListener("abort", cancel);
          resolve(reply);
        },
      });
      signal?.addEventListener("abort", cancel, { once: true });
      wire ??= openWire(onReply, (detail) => end({ kind: "Internal", detail }));
      try {
        wire.send({ type: "ask", id, job });
      } catch (cause) {
        open.get(id)?.settle(fail({ kind: "Internal", detail: String(cause) }));
      }
    });
  }

  /** `ask`, for one kind of answer: `pick` gives its value, or null for an answer of another kind. */
  async function askFor<T>(
    job: PicturesJob,
    following: Following,
    pick: (reply: Closing) => { readonly value: T } | null,
  ): Asked<T> {
    const reply = await ask(job, following);
    if (!reply.ok) return reply;
    const picked = pick(reply.value);
    return picked
      ? ok(picked.value)
      : fail({ kind: "Internal", detail: `${job.type} was answered by ${reply.value.type}` });
  }
  const made = (reply: Closing) => (reply.type === "made" ? { value: reply.record } : null);

  return {
    import: (files, options, following = {}) => askFor({ type: "import", files, options }, following, made),
    draw: (options, following = {}) => askFor({ type: "draw", options }, following, made),
    preview: (wish, signal) =>
      askFor({ type: "preview", ...wish }, { signal }, (reply) =>
        reply.type === "previewed" ? { value: reply.previews } : null,
      ),
    rename: (dataset, name) =>
      askFor({ type: "rename", dataset, name }, {}, (reply) =>
        reply.type === "renamed" ? { value: null } : null,
      ),
    close: () => end({ kind: "Cancelled" }),
  };
}

const openWorker: OpenPicturesWire = (onReply, onFailure) => {
  const worker = new Worker(new URL("./pictures.worker.ts", import.meta.url), {
    type: "module",
    name: "steadyflow pictures",
  });
  worker.onmessage = (message: MessageEvent<PicturesReply>) => onReply(message.data);
  worker.onerror = (event) => {
    event.preventDefault(); // it reaches the page as an answer, the console need not repeat it
    onFailure(event.message || "The pictures script could not be loaded.");
  };
  worker.onmessageerror = () => onFailure("A message from the pictures worker could not be read.");
  return {
    send: (request) => worker.postMessage(request),
    close: () => worker.terminate(),
  };
};
