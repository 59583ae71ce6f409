import { fail, ok, type Result } from "#bytes/result.ts";
import type { Manifest } from "#checkpoints/manifest.ts";
import type { Answers, Draft } from "#library/draft.ts";
import type { ExportWish } from "#library/exportWish.ts";
import type { ImportError } from "#library/importError.ts";
import type { LocalModel, LocalModelId } from "#library/localModel.ts";
import type { Answer, LibraryReply, LibraryRequest, Question, QuestionId } from "./libraryProtocol.ts";

/** A question's promise never rejects; a question that is open when the worker is ended is answered Cancelled. */
type Asked<T> = Promise<Result<T, ImportError>>;

/** The page's end of the wire to the library worker. Questions and answers are described in libraryProtocol.ts. */
export interface LibraryClient {
  inspect(files: readonly File[], manifest: Manifest, manifestUrl: string): Asked<Draft>;
  keep(answers: Answers, now: number): Asked<LocalModel>;
  discard(): Asked<null>;
  export(id: LocalModelId, wish: ExportWish): Asked<{ readonly name: string; readonly contents: Blob }>;
  /** Ends the worker, in the middle of a file if need be; a later question starts another, which has no draft. */
  close(): void;
}

/** What carries requests to a library worker and reports what comes back. */
export interface LibraryWire {
  send(request: LibraryRequest): void;
  close(): void;
}
export type OpenLibraryWire = (
  onReply: (reply: LibraryReply) => void,
  onFailure: (detail: string) => void,
) => LibraryWire;

/** A client whose worker starts with the first question, and starts anew after one that died: whatever was open then is
 *  answered Internal. */
export const connectLibrary = (): LibraryClient => createLibraryClient(openWorker);

/** A client over any wire. */
export function createLibraryClient(open: OpenLibraryWire): LibraryClient {
  const settle = new Map<QuestionId, (reply: Result<Answer, ImportError>) => void>();
  let wire: LibraryWire | null = null;
  let lastId: QuestionId = 0;

  function end(error: ImportError): void {
    wire?.close();
    wire = null;
    for (const answer of [...settle.values()]) answer(fail(error));
  }

  const onReply = (reply: LibraryReply): void =>
    settle.get(reply.id)?.(reply.type === "answered" ? ok(reply.answer) : fail(reply.error));

  function ask(question: Question): Asked<Answer> {
    const id = ++lastId;
    return new Promise((resolve) => {
      settle.set(id, (reply) => {
        settle.delete(id);
        resolve(reply);
      });
      wire ??= open(onReply, (detail) => end({ kind: "Internal", detail }));
      wire.send({ type: "ask", id, question });
    });
  }

  /** `ask`, for one kind of answer: `pick` gives its value, or undefined for an answer of another kind. */
  async function askFor<T>(question: Question, pick: (answer: Answer) => T | undefined): Asked<T> {
    const reply = await ask(question);
    if (!reply.ok) return reply;
    const value = pick(reply.value);
    return value === undefined
      ? fail({
          kind: "Internal",
          detail: `a question of ${question.kind} was answered by ${reply.value.kind}`,
        })
      : ok(value);
  }

  return {
    inspect: (files, manifest, manifestUrl) =>
      askFor({ kind: "inspect", files, manifest, manifestUrl }, (a) =>
        a.kind === "inspect" ? a.draft : undefined,
      ),
    keep: (answers, now) =>
      askFor({ kind: "keep", answers, now }, (a) => (a.kind === "keep" ? a.model : undefined)),
    discard: () => askFor({ kind: "discard" }, (a) => (a.kind === "discard" ? null : undefined)),
    export: (id, wish) => askFor({ kind: "export", id, wish }, (a) => (a.kind === "export" ? a : undefined)),
    close: () => end({ kind: "Cancelled" }),
  };
}

const openWorker: OpenLibraryWire = (onReply, onFailure) => {
  const worker = new Worker(new URL("./library.worker.ts", import.meta.url), {
    type: "module",
    name: "steadyflow library",
  });
  worker.onmessage = (message: MessageEvent<LibraryReply>) => onReply(message.data);
  worker.onerror = (event) => {
    event.preventDefault(); // it reaches the page as an answer, the console need not repeat it
    onFailure(event.message || "The script that reads models could not be loaded.");
  };
  worker.onmessageerror = () => onFailure("A message from the library worker could not be read.");
  return {
    send: (request) => worker.postMessage(request),
    close: () => worker.terminate(),
  };
};
