import { magma } from "#metrics/colourScale.ts";

/** Colours of "cividis" (Nuñez, Anderton, Renslow 2018, CC0) at 0, 1/8, … 1: lightness rises evenly from dark blue to
 *  yellow, and it looks nearly the same with and without red-green colour blindness. */
const ANCHORS: readonly (readonly [number, number, number])[] = [
  [0, 34, 78],
  [18, 53, 112],
  [59, 73, 108],
  [87, 93, 109],
  [112, 113, 115],
  [138, 134, 120],
  [165, 156, 116],
  [195, 179, 105],
  [225, 204, 85],
  [254, 232, 56],
];

/** CSS colour of a share in [0, 1] (clamped), by straight lines between the anchors. */
export function cividis(share: number): string {
  const place = Math.min(1, Math.max(0, share)) * (ANCHORS.length - 1);
  const below = Math.min(Math.floor(place), ANCHORS.length - 2);
  const [low, high] = [ANCHORS[below], ANCHORS[below + 1]];
  const channel = (k: 0 | 1 | 2) => {
    const from = low?.[k] ?? 0;
    return Math.round(from + ((high?.[k] ?? from) - from) * (place - below));
  };
  return `rgb(${channel(0)} ${channel(1)} ${channel(2)})`;
}

/** The whole scale as a CSS gradient from left to right. */
export const CIVIDIS_GRADIENT = `linear-gradient(to right, ${ANCHORS.map(([r, g, b]) => `rgb(${r} ${g} ${b})`).join(", ")})`;

/** The scale of differences as a CSS gradient from left to right. */
export const MAGMA_GRADIENT = `linear-gradient(to right, ${Array.from({ length: 9 }, (_, i) => `rgb(${magma(i / 8).join(" ")})`).join(", ")})`;
