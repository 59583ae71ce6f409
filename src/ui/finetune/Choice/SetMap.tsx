import { type PointerEvent, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { OpenSet } from "#state/finetune/finetune.ts";
import {
  type ClusterView,
  SCORE_NAMES,
  type ScoreName,
  type Scores,
  scoreValues,
} from "#state/finetune/scores.ts";
import { type Ink, useInk } from "#ui/compare/Curves/useInk.ts";
import { cividis } from "#ui/compare/scale.ts";
import { Segmented } from "#ui/shared/Segmented.tsx";
import { useFinetuning, useLook, useLookStore } from "../context.ts";
import { SetPicture } from "../Gallery/SetPicture.tsx";
import tools from "../tools.module.css";
import { SCORE_WORDS } from "../words.ts";
import { ClusterList } from "./ClusterList.tsx";
import { dotRadius, markOf, nearest, outline, type Placed, placed, type Shape } from "./mapLayout.ts";
import styles from "./SetMap.module.css";
import { shares } from "./shares.ts";
import { useKept } from "./useKept.ts";

type ColourBy = "cluster" | ScoreName;
type Marks = "dots" | "pictures";

/** Distance at which the pointer takes hold of a point. */
const REACH = 16;
/** Side of a picture on the map. */
const PICTURE = 30;

/** The set as points: near each other where the heavy model sees the pictures alike. */
export function SetMap({
  set,
  scores,
  clusters,
}: {
  readonly set: OpenSet;
  readonly scores: Scores;
  readonly clusters: ClusterView;
}) {
  const [by, setBy] = useState<ColourBy>("cluster");
  const [marks, setMarks] = useState<Marks>("dots");
  const sorts = SCORE_NAMES.filter((name) => scoreValues(scores, name));
  return (
    <div className={styles.map}>
      <div className={tools.tools}>
        <Segmented<Marks>
          legend="Marks"
          legendHidden
          options={[
            { value: "dots", label: "Dots" },
            { value: "pictures", label: "Pictures" },
          ]}
          value={marks}
          onChange={setMarks}
        />
        {marks === "dots" && (
          <label>
            <span>Colour by</span>
            <select
              value={by}
              onChange={({ currentTarget }) =>
                setBy(SCORE_NAMES.find((name) => name === currentTarget.value) ?? "cluster")
              }
            >
              <option value="cluster">cluster</option>
              {sorts.map((name) => (
                <option key={name} value={name}>
                  {SCORE_WORDS[name].title.toLowerCase()}
                </option>
              ))}
            </select>
          </label>
        )}
        <p className={styles.key}>
          <span className={styles.full} aria-hidden="true" /> kept
          <span className={styles.hollow} aria-hidden="true" /> dropped
        </p>
      </div>
      <div className={styles.body}>
        <Points set={set} scores={scores} clusters={clusters} by={by} marks={marks} />
        <ClusterList set={set} clusters={clusters} />
      </div>
    </div>
  );
}

interface PointsProps {
  readonly set: OpenSet;
  readonly scores: Scores;
  readonly clusters: ClusterView;
  readonly by: ColourBy;
  readonly marks: Marks;
}

function Points({ set, scores, clusters, by, marks }: PointsProps) {
  const finetuning = useFinetuning();
  const look = useLookStore();
  const ink = useInk();
  const place = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [box, setBox] = useState({ width: 0, height: 0 });
  const cluster = useLook((now) => now.cluster);
  const { mask } = useKept();
  useLayoutEffect(() => {
    const element = place.current;
    if (!element) return;
    const measure = () => setBox({ width: element.clientWidth, height: element.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const points = useMemo(() => placed(clusters.map, box.width, box.height), [clusters, box]);
  const count = set.record.count;
  const colours = useMemo(() => colourOf(scores, clusters, by, ink), [scores, clusters, by, ink]);

  useEffect(() => {
    const element = canvas.current;
    if (!element || box.width === 0) return;
    const isPale = (index: number) => cluster !== null && clusters.labels[index] !== cluster;
    const cache = finetuning.pictures();
    const draw = () => {
      const context = prepared(element, box);
      if (!context) return;
      if (marks === "dots")
        drawDots(context, points, { colours, mask, isPale, surface: ink.surface, radius: dotRadius(count) });
      else if (cache)
        drawPictures(context, points, mask, isPale, (index) => {
          const pixels = cache.peek(index);
          if (!pixels) cache.want(index);
          return pixels;
        });
    };
    draw();
    if (marks !== "pictures" || !cache) return;
    let frame = 0;
    const end = cache.subscribe(() => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(draw);
    });
    return () => {
      cancelAnimationFrame(frame);
      end();
    };
  }, [points, colours, mask, cluster, clusters, marks, box, ink, count, finetuning]);

  const at = (event: PointerEvent): number | null => {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    return nearest(
      points,
      event.clientX - left,
      event.clientY - top,
      REACH,
      (index) => cluster === null || clusters.labels[index] === cluster,
    );
  };
  return (
    <div
      ref={place}
      className={styles.place}
      onPointerMove={(event) => {
        const hovered = at(event);
        if (hovered !== look.getState().hovered) look.setState({ hovered });
      }}
      onPointerLeave={() => look.setState({ hovered: null })}
      onPointerDown={(event) => {
        const picked = at(event);
        if (picked !== null) look.setState({ picked });
      }}
    >
      <canvas
        ref={canvas}
        role="img"
        aria-label={`Map of ${count} pictures in ${clusters.count} clusters; the list beside it has the clusters, the gallery the pictures.`}
      />
      <Held points={points} box={box} />
    </div>
  );
}

/** Rings around the points that are looked at, and the picture of the one under the pointer. */
function Held({
  points,
  box,
}: {
  readonly points: readonly Placed[];
  readonly box: { readonly width: number; readonly height: number };
}) {
  const hovered = useLook((look) => look.hovered);
  const picked = useLook((look) => look.picked);
  const over = hovered === null ? undefined : points[hovered];
  const held = picked === null ? undefined : points[picked];
  return (
    <>
      {held && <span className={styles.ring} data-held style={{ left: held.x, top: held.y }} />}
      {over && hovered !== null && (
        <>
          <span className={styles.ring} style={{ left: over.x, top: over.y }} />
          <span
            className={styles.tip}
            style={{
              left: Math.min(box.width - 92, Math.max(0, over.x - 44)),
              top: over.y > 112 ? over.y - 104 : over.y + 16,
            }}
          >
            <SetPicture index={hovered} />
          </span>
        </>
      )}
    </>
  );
}

/** Colour and shape of each point. */
function colourOf(scores: Scores, clusters: ClusterView, by: ColourBy, ink: Ink) {
  if (by === "cluster")
    return (index: number): { readonly colour: string; readonly shape: Shape } => {
      const { colour, shape } = markOf(clusters.labels[index]);
      return { colour: ink.series[colour], shape };
    };
  const values = scoreValues(scores, by);
  const share = values ? shares(values) : () => 0;
  return (index: number): { readonly colour: string; readonly shape: Shape } => ({
    // The ends keep their distance from the ground.
    colour: cividis(ink.dark ? 0.3 + 0.7 * share(index) : 0.88 * share(index)),
    shape: "circle",
  });
}

function prepared(
  canvas: HTMLCanvasElement,
  { width, height }: { readonly width: number; readonly height: number },
): CanvasRenderingContext2D | null {
  const density = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * density);
  canvas.height = Math.round(height * density);
  const context = canvas.getContext("2d");
  context?.scale(density, density);
  return context;
}

interface Dots {
  readonly colours: (index: number) => { readonly colour: string; readonly shape: Shape };
  readonly mask: Uint8Array | null;
  readonly isPale: (index: number) => boolean;
  readonly surface: string;
  readonly radius: number;
}

/** Dropped points first, as outlines; kept ones full, over them. */
function drawDots(
  context: CanvasRenderingContext2D,
  points: readonly Placed[],
  { colours, mask, isPale, surface, radius }: Dots,
): void {
  for (const kept of [false, true]) {
    const paths = new Map<string, Path2D>();
    points.forEach(({ x, y }, index) => {
      if ((mask ? mask[index] === 1 : true) !== kept) return;
      const { colour, shape } = colours(index);
      const key = `${isPale(index) ? "pale" : "full"} ${colour}`;
      const path = paths.get(key) ?? new Path2D();
      paths.set(key, path);
      outline(path, shape, x, y, kept ? radius : radius * 0.82);
    });
    for (const [key, path] of paths) {
      const [strength, ...colour] = key.split(" ");
      context.globalAlpha = strength === "pale" ? 0.12 : kept ? 1 : 0.6;
      if (kept) {
        context.fillStyle = colour.join(" ");
        context.fill(path);
        context.strokeStyle = surface;
        context.lineWidth = 1;
      } else {
        context.strokeStyle = colour.join(" ");
        context.lineWidth = 1.2;
      }
      context.stroke(path);
    }
  }
  context.globalAlpha = 1;
}

function drawPictures(
  context: CanvasRenderingContext2D,
  points: readonly Placed[],
  mask: Uint8Array | null,
  isPale: (index: number) => boolean,
  pixelsOf: (index: number) => {
    readonly width: number;
    readonly height: number;
    readonly rgba: Uint8ClampedArray<ArrayBuffer>;
  } | null,
): void {
  const stamp = document.createElement("canvas");
  const stamped = stamp.getContext("2d");
  for (const kept of [false, true])
    points.forEach(({ x, y }, index) => {
      if ((mask ? mask[index] === 1 : true) !== kept) return;
      const pixels = pixelsOf(index);
      if (!pixels || !stamped) return;
      stamp.width = pixels.width;
      stamp.height = pixels.height;
      stamped.putImageData(new ImageData(pixels.rgba, pixels.width, pixels.height), 0, 0);
      context.globalAlpha = isPale(index) ? 0.08 : kept ? 1 : 0.25;
      context.drawImage(stamp, x - PICTURE / 2, y - PICTURE / 2, PICTURE, PICTURE);
    });
  context.globalAlpha = 1;
}
