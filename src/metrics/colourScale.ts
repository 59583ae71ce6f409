/** Colours [R, G, B] of matplotlib's "magma" (CC0) at 0, 1/16, … 1: lightness rises evenly from black, so it reads alike
 *  with any colour vision and in grey; used for image differences since Andersson et al. 2020 ("FLIP"). */
const ANCHORS: readonly (readonly [number, number, number])[] = [
  [0, 0, 4],
  [10, 8, 34],
  [29, 17, 70],
  [54, 16, 106],
  [80, 18, 124],
  [105, 28, 129],
  [130, 38, 129],
  [156, 46, 127],
  [182, 55, 121],
  [207, 65, 112],
  [230, 81, 99],
  [245, 105, 92],
  [251, 135, 97],
  [254, 165, 113],
  [254, 195, 135],
  [253, 224, 162],
  [252, 253, 191],
];

/** The scale's colour [R, G, B], 0..255 each, of a share in [0, 1] (clamped): straight lines between 17 anchors, within
 *  3 levels of the full table. */
export function magma(share: number): readonly [number, number, number] {
  const place = Math.max(0, Math.min(1, share)) * (ANCHORS.length - 1);
  const below = Math.min(Math.floor(place), ANCHORS.length - 2);
  const between = (channel: 0 | 1 | 2): number => {
    const low = ANCHORS[below][channel];
    return Math.round(low + (ANCHORS[below + 1][channel] - low) * (place - below));
  };
  return [between(0), between(1), between(2)];
}
