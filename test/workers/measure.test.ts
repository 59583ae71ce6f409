import { afterEach, describe, expect, test } from "vitest";
import { intervalOfMean } from "#metrics/bootstrap.ts";
import { meanSquaredError, peakSignalToNoise } from "#metrics/pixelError.ts";
import type { RgbaImage } from "#metrics/rgbaImage.ts";
import { seedSimilarity } from "#metrics/seedSimilarity.ts";
import { structuralSimilarity } from "#metrics/structuralSimilarity.ts";
import { createMeasure } from "#workers/measure.ts";
import { createMeasureClient, type MeasureClient, type OpenMeasureWire } from "#workers/measureClient.ts";
import type { MeasureReply, MeasureRequest, Picture } from "#workers/measureProtocol.ts";
import { blocksOf, flat, imagesOf, matrix, python } from "../metrics/support.ts";

/** Wires to the real server over message ports, as a worker has them: values are copied, buffers transferred. */
function ports() {
  const requests: MeasureRequest[] = [];
  const replies: MeasureReply[] = [];
  let opened = 0;
  let die: (detail: string) => void = () => {};
  const open: OpenMeasureWire = (onReply, onFailure) => {
    opened++;
    die = onFailure;
    const { port1, port2 } = new MessageChannel();
    const server = createMeasure((reply, transfer = []) => {
      replies.push(reply);
      port2.postMessage(reply, transfer);
    });
    port2.onmessage = (message: MessageEvent<MeasureRequest>) => {
      requests.push(message.data);
      server.handle(message.data);
    };
    port1.onmessage = (message: MessageEvent<MeasureReply>) => onReply(message.data);
    return { send: (request) => port1.postMessage(request), close: () => port1.close() };
  };
  return { open, requests, replies, opened: () => opened, die: (detail: string) => die(detail) };
}

let client: MeasureClient | null = null;
afterEach(() => client?.close()); // an open port would keep the process alive

function connected() {
  const wires = ports();
  client = createMeasureClient(wires.open);
  return { measure: client, wires };
}

const pictureOf = ({ width, height, rgba }: RgbaImage): Picture => ({
  width,
  height,
  rgba: Uint8Array.from(rgba).buffer,
});
const [first, second] = imagesOf(python.pixels[1]);
const pair = { reference: pictureOf(first), image: pictureOf(second) };
const bytes = (row: ArrayLike<number>): ArrayBuffer => Float32Array.from(row).buffer;

describe("the measure worker", () => {
  test("measures two pictures, and the page keeps its bytes", async () => {
    const { measure } = connected();
    const mse = meanSquaredError(first, second);
    expect(await measure.images(pair)).toEqual({
      ok: true,
      value: { mse, psnr: peakSignalToNoise(mse), ssim: structuralSimilarity(first, second) },
    });
    expect(pair.image.rgba.byteLength).toBe(4 * 64 * 64);
    const same = await measure.images({ reference: pair.image, image: pair.image });
    expect(same.ok && same.value.psnr).toBeNull();
  });

  test("gives the similarity of seeds over all strangers, with an interval that holds it", async () => {
    const { measure } = connected();
    const [{ a, b, labels }] = blocksOf(python.pairs[0]);
    const answer = await measure.similarity({ a: a.map(bytes), b: b.map(bytes), labels });
    if (!answer.ok) throw new Error(answer.error.kind);
    const { s, sUnrelated, sNormalised, interval } = answer.value;
    const wanted = seedSimilarity(a, b, labels);
    expect(s).toBeCloseTo(wanted.s, 6); // features travel as f32
    expect(sUnrelated).toBeCloseTo(wanted.sUnrelated ?? Number.NaN, 6);
    expect(interval?.[0]).toBeLessThan(sNormalised ?? Number.NaN);
    expect(interval?.[1]).toBeGreaterThan(sNormalised ?? Number.NaN);
  });

  test("gives cosines of vectors and intervals of numbers", async () => {
    const { measure } = connected();
    const reference = matrix(1, 3, 8);
    const answer = await measure.vectors({
      reference: reference.map(bytes),
      vectors: reference.map((row, i) => bytes(row.map((value) => (i === 1 ? -value : 2 * value)))),
    });
    const signs = [1, -1, 1];
    expect(answer.ok && answer.value.cosines.length).toBe(3);
    if (answer.ok) answer.value.cosines.forEach((value, i) => expect(value).toBeCloseTo(signs[i], 12));
    const values = [[1, 2, 4, 8]];
    expect(await measure.interval({ blocks: values, against: null })).toEqual({
      ok: true,
      value: intervalOfMean(values),
    });
    const none = await measure.interval({ blocks: values, against: values });
    expect(none.ok && flat(none.value)).toEqual([0, 0, 0, 0]);
  });

  test("draws a difference that has the pictures' size", async () => {
    const { measure } = connected();
    const answer = await measure.difference({ ...pair, fullAt: 64, colours: "channels" });
    if (!answer.ok) throw new Error(answer.error.kind);
    expect([answer.value.width, answer.value.height]).toEqual([64, 64]);
    const shown = new Uint8Array(answer.value.rgba);
    expect(shown[0]).toBe(Math.min(255, Math.round((Math.abs(first.rgba[0] - second.rgba[0]) * 255) / 64)));
  });

  test("says what does not fit as a value", async () => {
    const { measure } = connected();
    const small = { width: 4, height: 4, rgba: new ArrayBuffer(64) };
    expect(await measure.images({ reference: small, image: small })).toEqual({
      ok: false,
      error: { kind: "Unfit", problem: { kind: "ImageTooSmall", width: 4, height: 4, needed: 11 } },
    });
    const flatFeatures = {
      a: [bytes([0, 0]), bytes([1, 2])],
      b: [bytes([1, 2]), bytes([1, 2])],
      labels: [3, 3],
    };
    expect(await measure.similarity(flatFeatures)).toEqual({
      ok: false,
      error: { kind: "Unfit", problem: { kind: "NoDirection", metric: "cosine", sample: 0 } },
    });
    const odd = await measure.vectors({ reference: [new ArrayBuffer(3)], vectors: [new ArrayBuffer(3)] });
    expect(!odd.ok && odd.error.kind).toBe("Internal"); // no whole number of f32
  });

  test("answers each question, though all are asked at once, and difference pictures before the rest", async () => {
    const { measure, wires } = connected();
    const questions = Array.from({ length: 6 }, () => measure.images(pair));
    const seen = measure.difference({ ...pair, fullAt: 255, colours: "magma" });
    const answers = await Promise.all([...questions, seen]);
    expect(answers.filter(({ ok }) => ok).length).toBe(7);
    const order = wires.replies.map(({ id }) => id);
    expect(order.indexOf(7)).toBeLessThanOrEqual(1); // one may have been under way
    expect(order.filter((id) => id !== 7)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test("a question that waits is taken back without being computed", async () => {
    const { measure, wires } = connected();
    const controller = new AbortController();
    const kept = measure.images(pair);
    const dropped = Array.from({ length: 5 }, () => measure.images(pair, controller.signal));
    controller.abort();
    expect(await Promise.all(dropped)).toEqual(Array(5).fill({ ok: false, error: { kind: "Cancelled" } }));
    expect((await kept).ok).toBe(true);
    expect((await measure.images(pair)).ok).toBe(true); // everything before it has been replied to
    expect(wires.replies.filter(({ type }) => type === "cancelled").length).toBe(5);
    expect(wires.replies.filter(({ type }) => type === "answered").length).toBe(2);
  });

  test("a signal that has fired before asks nothing, and none starts the worker", async () => {
    const { measure, wires } = connected();
    expect(await measure.images(pair, AbortSignal.abort())).toEqual({
      ok: false,
      error: { kind: "Cancelled" },
    });
    expect(wires.opened()).toBe(0);
  });

  test("a worker that dies answers what is open, and the next question starts another", async () => {
    const { measure, wires } = connected();
    const open = measure.images(pair);
    wires.die("gone");
    expect(await open).toEqual({ ok: false, error: { kind: "Internal", detail: "gone" } });
    expect((await measure.images(pair)).ok).toBe(true);
    expect(wires.opened()).toBe(2);
  });

  test("closing cancels what is open", async () => {
    const { measure } = connected();
    const open = measure.images(pair);
    measure.close();
    expect(await open).toEqual({ ok: false, error: { kind: "Cancelled" } });
  });

  test("bytes that were given away are an answer, not a rejection", async () => {
    const { measure } = connected();
    const gone = pictureOf(first);
    structuredClone(gone.rgba, { transfer: [gone.rgba] });
    const answer = await measure.images({ reference: gone, image: gone });
    expect(!answer.ok && answer.error.kind).toBe("Internal");
    expect((await measure.images(pair)).ok).toBe(true);
  });
});
