import { fail, ok, type Result } from "#bytes/result.ts";
import type { Estimate } from "#metrics/estimate.ts";
import type { SeedSimilarity } from "#metrics/seedSimilarity.ts";
import type {
  Answer,
  DifferenceQuestion,
  ImagesAnswer,
  ImagesQuestion,
  IntervalQuestion,
  MeasureError,
  MeasureReply,
  MeasureRequest,
  Picture,
  Question,
  QuestionId,
  SimilarityQuestion,
  VectorsAnswer,
  VectorsQuestion,
} from "./measureProtocol.ts";

/** A question's promise: it never rejects, and it is settled at once, as Cancelled, when the question's signal fires. */
type Asked<T> = Promise<Result<T, MeasureError>>;

/** The page's end of the wire to the measure worker. Questions and answers are described in measureProtocol.ts. */
export interface MeasureClient {
  /** MSE, PSNR and SSIM of two pictures. */
  images(question: ImagesQuestion, signal?: AbortSignal): Asked<ImagesAnswer>;
  /** Cosines of pairs of vectors. */
  vectors(question: VectorsQuestion, signal?: AbortSignal): Asked<VectorsAnswer>;
  /** s, s_unrel and s_norm with their intervals. */
  similarity(question: SimilarityQuestion, signal?: AbortSignal): Asked<SeedSimilarity>;
  /** A mean with its interval. */
  interval(question: IntervalQuestion, signal?: AbortSignal): Asked<Estimate>;
  /** A picture of the difference; the page owns its buffer. */
  difference(question: DifferenceQuestion, signal?: AbortSignal): Asked<Picture>;
  /** Ends the worker; questions that are open are answered Cancelled. A later question starts another. */
  close(): void;
}

/** What carries requests to a measure worker and reports what comes back. */
export interface MeasureWire {
  send(request: MeasureRequest): void;
  close(): void;
}
export type OpenMeasureWire = (
  onReply: (reply: MeasureReply) => void,
  onFailure: (detail: string) => void,
) => MeasureWire;

/** A client whose worker starts with the first question, and starts anew after one that died: whatever was open then
 *  is answered Internal. */
export const connectMeasure = (): MeasureClient => createMeasureClient(openWorker);

/** A client over any wire. */
export function createMeasureClient(open: OpenMeasureWire): MeasureClient {
  const settle = new Map<QuestionId, (reply: Result<Answer, MeasureError>) => void>();
  let wire: MeasureWire | null = null;
  let lastId: QuestionId = 0;

  function end(error: MeasureError): void {
    wire?.close();
    wire = null;
    for (const answer of [...settle.values()]) answer(fail(error));
  }

  /** A reply to a question that was cancelled here has nobody waiting. */
  const onReply = (reply: MeasureReply): void => settle.get(reply.id)?.(resultOf(reply));

  function ask(question: Question, signal?: AbortSignal): Asked<Answer> {
    if (signal?.aborted) return Promise.resolve(fail({ kind: "Cancelled" }));
    const id = ++lastId;
    return new Promise((resolve) => {
      const cancel = () => {
        wire?.send({ type: "cancel", id });
        settle.get(id)?.(fail({ kind: "Cancelled" }));
      };
      settle.set(id, (reply) => {
        settle.delete(id);
        signal?.removeEventListener("abort", cancel);
        resolve(reply);
      });
      signal?.addEventListener("abort", cancel, { once: true });
      wire ??= open(onReply, (detail) => end({ kind: "Internal", detail }));
      try {
        wire.send({ type: "ask", id, question });
      } catch (cause) {
        // A buffer that was transferred elsewhere cannot be copied.
        settle.get(id)?.(fail({ kind: "Internal", detail: String(cause) }));
      }
    });
  }

  /** `ask`, for one kind of answer: `pick` gives its value, or null for an answer of another kind. */
  async function askFor<T>(
    question: Question,
    signal: AbortSignal | undefined,
    pick: (answer: Answer) => T | null,
  ): Asked<T> {
    const reply = await ask(question, signal);
    if (!reply.ok) return reply;
    const value = pick(reply.value);
    return value === null
      ? fail({
          kind: "Internal",
          detail: `a question of ${question.kind} was answered by ${reply.value.kind}`,
        })
      : ok(value);
  }

  return {
    images: (question, signal) =>
      askFor({ kind: "images", ...question }, signal, (a) => (a.kind === "images" ? a.value : null)),
    vectors: (question, signal) =>
      askFor({ kind: "vectors", ...question }, signal, (a) => (a.kind === "vectors" ? a.value : null)),
    similarity: (question, signal) =>
      askFor({ kind: "similarity", ...question }, signal, (a) => (a.kind === "similarity" ? a.value : null)),
    interval: (question, signal) =>
      askFor({ kind: "interval", ...question }, signal, (a) => (a.kind === "interval" ? a.value : null)),
    difference: (question, signal) =>
      askFor({ kind: "difference", ...question }, signal, (a) => (a.kind === "difference" ? a.value : null)),
    close: () => end({ kind: "Cancelled" }),
  };
}

function resultOf(reply: MeasureReply): Result<Answer, MeasureError> {
  switch (reply.type) {
    case "answered":
      return ok(reply.answer);
    case "failed":
      return fail(reply.error);
    case "cancelled":
      return fail({ kind: "Cancelled" });
    default:
      return reply satisfies never;
  }
}

const openWorker: OpenMeasureWire = (onReply, onFailure) => {
  const worker = new Worker(new URL("./measure.worker.ts", import.meta.url), {
    type: "module",
    name: "steadyflow measuring",
  });
  worker.onmessage = (message: MessageEvent<MeasureReply>) => onReply(message.data);
  worker.onerror = (event) => {
    event.preventDefault(); // it reaches the page as an answer, the console need not repeat it
    onFailure(event.message || "The measuring script could not be loaded.");
  };
  worker.onmessageerror = () => onFailure("A message from the measuring worker could not be read.");
  return {
    send: (request) => worker.postMessage(request),
    close: () => worker.terminate(),
  };
};
