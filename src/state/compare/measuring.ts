import type { DrawingKey } from "#compare/cell.ts";
import { type Line, linesOf } from "#compare/partners.ts";
import { attributeAgreement, type SeenValues } from "#metrics/agreement.ts";
import { cosine } from "#metrics/cosine.ts";
import { MetricError } from "#metrics/metricError.ts";
import type { MeasureClient } from "#workers/measureClient.ts";
import type { Pixels } from "../pixels.ts";
import { pairsAlong } from "./alongTime.ts";
import type { CellNumbers, Comparison, Drawing, LineSimilarity, NoiseFloor } from "./comparison.ts";
import type { ComparisonEvent } from "./events.ts";
import { floorLines, zooFloor } from "./noiseFloor.ts";

/** Questions that are with the measure worker at once: enough to keep it busy, few enough that another reference is
 *  answered soon. */
const IN_FLIGHT = 4;

type Finished = Extract<Drawing, { status: "finished" }>;

const pictureFrom = ({ width, height, rgba }: Pixels) => ({ width, height, rgba: rgba.buffer });

/** A number, or null where a metric has none for these. Throws what is no metric's. */
function orNull<T>(measure: () => T): T | null {
  try {
    return measure();
  } catch (cause) {
    if (cause instanceof MetricError) return null;
    throw cause;
  }
}

function agreementOf(a: SeenValues, b: SeenValues): CellNumbers["attributes"] {
  const of = a.filter((value, i) => value !== null || b[i] !== null).length;
  return orNull(() => ({ agreed: Math.round(attributeAgreement(a, b) * of), of }));
}

/** What the feature networks' words and vectors say of two pictures; cheap enough for the page itself. */
export function featureNumbers(
  mine: Finished,
  other: Finished,
): Pick<CellNumbers, "embeddingCosine" | "attributes"> {
  const [a, b] = [mine.features, other.features];
  return {
    embeddingCosine:
      a?.embedding && b?.embedding ? orNull(() => cosine(a.embedding ?? [], b.embedding ?? [])) : null,
    attributes: a?.seen && b?.seen ? agreementOf(a.seen.values, b.seen.values) : null,
  };
}

/** What a picture is to itself, without asking anybody. */
const ofItself = (mine: Finished, against: DrawingKey): CellNumbers => ({
  against,
  latentCosine: 1,
  along: { t: mine.track.points.map(({ tNext }) => tNext), cosine: mine.track.points.map(() => 1) },
  image: { mse: 0, psnr: null, ssim: 1 },
  embeddingCosine: mine.features?.embedding ? 1 : null,
  attributes: featureNumbers(mine, mine).attributes,
});

/** Measures a picture against another; null when the questions were taken back. Latents of different autoencoders have no
 *  cosine. */
async function measurePair(
  mine: Finished,
  other: Finished,
  sameLatents: boolean,
  against: DrawingKey,
  client: MeasureClient,
): Promise<CellNumbers | null> {
  const along = pairsAlong(mine.track.points, other.track.points);
  const [images, vectors] = await Promise.all([
    client.images({
      reference: pictureFrom(other.picture.pixels),
      image: pictureFrom(mine.picture.pixels),
    }),
    sameLatents
      ? client.vectors({
          reference: [...along.against, other.picture.latent].map(({ buffer }) => buffer),
          vectors: [...along.states, mine.picture.latent].map(({ buffer }) => buffer),
        })
      : null,
  ]);
  if (!images.ok && images.error.kind === "Cancelled") return null;
  const cosines = vectors?.ok ? vectors.value.cosines : null;
  return {
    against,
    latentCosine: cosines?.at(-1) ?? null,
    along: cosines && { t: along.t, cosine: cosines.slice(0, -1) },
    image: images.ok ? images.value : null,
    ...featureNumbers(mine, other),
  };
}

/** Measures drawn pictures against what they are compared with, in the background. */
export interface Measuring {
  /** Looks for what can be measured now. */
  advance(): void;
}

export function createMeasuring(
  comparison: () => Comparison,
  dispatch: (event: ComparisonEvent) => void,
  client: MeasureClient,
): Measuring {
  const asked = new Set<string>();
  /** What the lines were last measured of. */
  let lastLines: { readonly partners: Comparison["partners"]; readonly of: string } | null = null;
  let measuresLines = false;

  const finishedAt = (cell: number): Finished | null => {
    const { grid, drawings } = comparison();
    const drawing = drawings[grid?.cells[cell]?.key ?? ""];
    return drawing?.status === "finished" ? drawing : null;
  };

  function measureCells(): void {
    const { grid, numbers, partners, plan } = comparison();
    const cells = grid?.cells ?? [];
    const soon: { readonly key: DrawingKey; readonly numbers: CellNumbers }[] = [];
    for (const [i, { key }] of cells.entries()) {
      const partner = partners[i] ?? i;
      const against = cells[partner]?.key;
      const mine = finishedAt(i);
      const other = finishedAt(partner);
      if (against === undefined || !mine || !other) continue;
      const now = numbers[i];
      if (now) {
        // Features may come after the picture was measured.
        const features = featureNumbers(mine, other);
        if (
          now.embeddingCosine === null &&
          now.attributes === null &&
          (features.embeddingCosine ?? features.attributes) !== null
        )
          soon.push({ key, numbers: { ...now, ...features } });
        continue;
      }
      if (key === against) {
        soon.push({ key, numbers: ofItself(mine, against) });
        continue;
      }
      const pair = `${key} ~ ${against}`;
      if (asked.has(pair) || asked.size >= IN_FLIGHT) continue;
      asked.add(pair);
      const decoder = (of: DrawingKey) => plan.routes.get(of)?.of.decoder;
      void measurePair(mine, other, decoder(key) === decoder(against), against, client).then((measured) => {
        asked.delete(pair);
        if (measured) dispatch({ type: "cells-measured", measured: [{ key, numbers: measured }] });
        advance();
      });
    }
    if (soon.length > 0) dispatch({ type: "cells-measured", measured: soon });
  }

  const embeddingsOf = (cells: readonly number[]): readonly Float32Array<ArrayBuffer>[] =>
    cells.flatMap((cell) => finishedAt(cell)?.features?.embedding ?? []);

  /** Similarity of one list of pictures to another of the same seeds; null while some are not there. */
  async function similarityOf(
    cells: readonly number[],
    partners: readonly number[],
  ): Promise<Omit<LineSimilarity, "cells"> | null> {
    const [a, b] = [embeddingsOf(cells), embeddingsOf(partners)];
    if (a.length !== cells.length || b.length !== partners.length) return null;
    const labels = cells.map((cell) => comparison().grid?.cells[cell]?.settings.label ?? 0);
    const buffers = (of: readonly Float32Array<ArrayBuffer>[]) => of.map(({ buffer }) => buffer);
    const reply = await client.similarity({ a: buffers(a), b: buffers(b), labels });
    if (!reply.ok) return null;
    const { s, sUnrelated, sNormalised, interval } = reply.value;
    return { seeds: cells.length, s, sUnrel: sUnrelated, sNorm: sNormalised, interval };
  }

  async function measureLines(lines: readonly Line[]): Promise<void> {
    const { grid, family, partners } = comparison();
    const measured: LineSimilarity[] = [];
    for (const { cells, partners: others } of lines) {
      const line = await similarityOf(cells, others);
      if (line) measured.push({ cells, ...line });
    }
    let noiseFloor: NoiseFloor | null = family && zooFloor(family);
    const pair = grid && family && !noiseFloor ? floorLines(grid, lines, family) : null;
    if (pair) {
      const floor = await similarityOf(pair[1].cells, pair[0].cells);
      if (floor?.sNorm != null) noiseFloor = { sNorm: floor.sNorm, interval: floor.interval, from: "grid" };
    }
    if (comparison().partners === partners) dispatch({ type: "lines-measured", lines: measured, noiseFloor });
  }

  /** Lines are measured anew when one more of them is there, or the reference is another. */
  function measureWholeLines(): void {
    const { grid, settings, partners: from } = comparison();
    if (!grid || measuresLines) return;
    const whole = linesOf(grid, settings).filter(
      ({ cells, partners }) =>
        embeddingsOf(cells).length === cells.length && embeddingsOf(partners).length === partners.length,
    );
    const keys = (cells: readonly number[]) => cells.map((cell) => grid.cells[cell]?.key).join();
    const these = whole
      .map(({ cells, partners }) => `${cells.join()} ${keys(cells)} ~ ${keys(partners)}`)
      .join("\n");
    // Partners are another list after every change of the grid or the reference.
    if (lastLines?.partners === from && lastLines.of === these) return;
    lastLines = { partners: from, of: these };
    measuresLines = true;
    void measureLines(whole).finally(() => {
      measuresLines = false;
      measureWholeLines();
    });
  }

  function advance(): void {
    measureCells();
    measureWholeLines();
  }

  return { advance };
}
