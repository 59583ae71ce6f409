import type { PickedFile } from "#datasets/candidates.ts";
import { encodePng } from "#images/png.ts";

/** A drawn picture that differs from every other seed's in more than a few blocks: coloured discs on a ramp. PNG bytes. */
export function drawnPng(
  seed: number,
  width = 96,
  height = 96,
  text: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  return encodePng({ width, height, data: drawnPixels(seed, width, height) }, text);
}

export function drawnPixels(seed: number, width: number, height: number): Uint8Array {
  let state = 1 + ((seed * 7919) % 65536);
  const next = (below: number) => {
    state = (state * 75) % 65537;
    return state % below;
  };
  const discs = Array.from({ length: 6 }, () => ({
    x: next(100) / 100,
    y: next(100) / 100,
    r: 0.1 + next(20) / 100,
    colour: [next(256), next(256), next(256)],
  }));
  const ground = [next(256), next(256), next(256)];
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const disc = discs.find((d) => (x / width - d.x) ** 2 + (y / height - d.y) ** 2 < d.r ** 2);
      const colour = disc?.colour ?? ground.map((level) => (level * (1 + x / width)) / 2);
      data.set(colour.map(Math.round), 3 * (y * width + x));
    }
  return data;
}

export const picked = (path: string, bytes: Uint8Array<ArrayBuffer> | string): PickedFile => ({
  path,
  file: new Blob([bytes]),
});
