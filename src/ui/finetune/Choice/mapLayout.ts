/** A point of the map in CSS pixels of its box. */
export interface Placed {
  readonly x: number;
  readonly y: number;
}

/** Space around the points. */
const MARGIN = 22;

/** Points [N,2] as they are drawn in a box: moved and enlarged alike in both directions, so that distances keep their proportions,
 *  the first direction along the longer side. */
export function placed(map: Float32Array, width: number, height: number): readonly Placed[] {
  const count = map.length / 2;
  let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < count; i++) {
    left = Math.min(left, map[2 * i]);
    right = Math.max(right, map[2 * i]);
    low = Math.min(low, map[2 * i + 1]);
    high = Math.max(high, map[2 * i + 1]);
  }
  const scale = Math.min(
    (width - 2 * MARGIN) / Math.max(right - left, 1e-9),
    (height - 2 * MARGIN) / Math.max(high - low, 1e-9),
  );
  const [midX, midY] = [(left + right) / 2, (low + high) / 2];
  return Array.from({ length: count }, (_, i) => ({
    x: width / 2 + (map[2 * i] - midX) * scale,
    y: height / 2 - (map[2 * i + 1] - midY) * scale,
  }));
}

/** Index of the point nearest to a place and within reach of it; null when none is. */
export function nearest(
  points: readonly Placed[],
  x: number,
  y: number,
  reach: number,
  counts: (index: number) => boolean,
): number | null {
  let best: number | null = null;
  let least = reach ** 2;
  points.forEach((point, index) => {
    const squared = (point.x - x) ** 2 + (point.y - y) ** 2;
    if (squared <= least && counts(index)) [best, least] = [index, squared];
  });
  return best;
}

/** Radius of a dot: smaller where there are many. */
export const dotRadius = (count: number): number =>
  count <= 300 ? 5.5 : count <= 1500 ? 4 : count <= 6000 ? 3 : 2;

/** Colours of the style sheet by shapes of a mark: so many clusters can be told apart with any colour vision. */
export const SHAPES = ["circle", "square", "diamond", "triangle"] as const;
export type Shape = (typeof SHAPES)[number];

/** Colours of the style sheet that are told apart best, by place among them: its second blue is left out. */
const HUES = [0, 1, 2, 3, 4, 6];

/** Colour (a place among those of the style sheet) and shape of a cluster. Neighbouring numbers differ in colour; a colour comes
 *  again with another shape. */
export const markOf = (cluster: number): { readonly colour: number; readonly shape: Shape } => ({
  colour: HUES[cluster % HUES.length],
  shape: SHAPES[Math.floor(cluster / HUES.length) % SHAPES.length],
});

/** Outline of a mark of radius r around (x, y); areas of all shapes are about equal. */
export function outline(path: Path2D, shape: Shape, x: number, y: number, r: number): void {
  switch (shape) {
    case "circle":
      path.moveTo(x + r, y);
      path.arc(x, y, r, 0, 2 * Math.PI);
      break;
    case "square":
      path.rect(x - 0.89 * r, y - 0.89 * r, 1.78 * r, 1.78 * r);
      break;
    case "diamond":
      path.moveTo(x, y - 1.25 * r);
      path.lineTo(x + 1.25 * r, y);
      path.lineTo(x, y + 1.25 * r);
      path.lineTo(x - 1.25 * r, y);
      path.closePath();
      break;
    case "triangle":
      path.moveTo(x, y - 1.3 * r);
      path.lineTo(x + 1.2 * r, y + 0.85 * r);
      path.lineTo(x - 1.2 * r, y + 0.85 * r);
      path.closePath();
      break;
    default:
      shape satisfies never;
  }
}
