import { intervalOfMean, pairedDifference } from "#metrics/bootstrap.ts";
import { pairedCosines } from "#metrics/cosine.ts";
import { differenceImage } from "#metrics/differenceImage.ts";
import { MetricError } from "#metrics/metricError.ts";
import { meanSquaredError, peakSignalToNoise } from "#metrics/pixelError.ts";
import type { RgbaImage } from "#metrics/rgbaImage.ts";
import { seedSimilarity } from "#metrics/seedSimilarity.ts";
import { structuralSimilarity } from "#metrics/structuralSimilarity.ts";
import type {
  Answer,
  MeasureError,
  MeasureReply,
  MeasureRequest,
  Picture,
  Question,
} from "./measureProtocol.ts";
import { yieldToMessages } from "./yield.ts";

type Asked = Extract<MeasureRequest, { type: "ask" }>;

/** Serves the measuring protocol: takes requests in, gives replies out through `post`. It knows neither worker nor page,
 *  so tests run this very code. Between two questions messages that have arrived are let in, so a cancel reaches every
 *  question that still waits. */
export function createMeasure(post: (reply: MeasureReply, transfer?: Transferable[]) => void) {
  const waiting: Asked[] = [];
  let serving = false;

  async function serve(): Promise<void> {
    serving = true;
    while (waiting.length > 0) {
      await yieldToMessages();
      const next = takeNext(waiting);
      if (next) answer(next);
    }
    serving = false;
  }

  function answer({ id, question }: Asked): void {
    try {
      const given = answerTo(question);
      post({ type: "answered", id, answer: given }, given.kind === "difference" ? [given.value.rgba] : []);
    } catch (cause) {
      post({ type: "failed", id, error: toMeasureError(cause) });
    }
  }

  return {
    handle(request: MeasureRequest): void {
      switch (request.type) {
        case "ask":
          waiting.push(request);
          if (!serving) void serve();
          return;
        case "cancel": {
          const place = waiting.findIndex(({ id }) => id === request.id);
          if (place === -1) return; // answered already
          waiting.splice(place, 1);
          post({ type: "cancelled", id: request.id });
          return;
        }
        default:
          request satisfies never;
      }
    },
  };
}

/** Difference pictures first, then the oldest question. */
function takeNext(waiting: Asked[]): Asked | undefined {
  const seen = waiting.findIndex(({ question }) => question.kind === "difference");
  return waiting.splice(Math.max(seen, 0), 1)[0];
}

/** Throws MetricError. */
function answerTo(question: Question): Answer {
  switch (question.kind) {
    case "images": {
      const [reference, image] = [bytesOf(question.reference), bytesOf(question.image)];
      const mse = meanSquaredError(reference, image);
      const ssim = structuralSimilarity(reference, image);
      return { kind: "images", value: { mse, psnr: peakSignalToNoise(mse), ssim } };
    }
    case "vectors": {
      const cosines = pairedCosines(question.reference.map(floatsOf), question.vectors.map(floatsOf));
      return { kind: "vectors", value: { cosines: [...cosines] } };
    }
    case "similarity": {
      const { a, b, labels } = question;
      return { kind: "similarity", value: seedSimilarity(a.map(floatsOf), b.map(floatsOf), labels) };
    }
    case "interval": {
      const { blocks, against } = question;
      return {
        kind: "interval",
        value: against === null ? intervalOfMean(blocks) : pairedDifference(blocks, against),
      };
    }
    case "difference": {
      const { reference, image, fullAt, colours } = question;
      const shown = differenceImage(bytesOf(reference), bytesOf(image), fullAt, colours);
      return { kind: "difference", value: { width: image.width, height: image.height, rgba: shown.buffer } };
    }
    default:
      return question satisfies never;
  }
}

const bytesOf = ({ width, height, rgba }: Picture): RgbaImage => ({
  width,
  height,
  rgba: new Uint8Array(rgba),
});
const floatsOf = (bytes: ArrayBuffer): Float32Array => new Float32Array(bytes);

function toMeasureError(cause: unknown): MeasureError {
  if (cause instanceof MetricError) return { kind: "Unfit", problem: cause.problem };
  return { kind: "Internal", detail: cause instanceof Error ? cause.message : String(cause) };
}
