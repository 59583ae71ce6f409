/** A picture as the engine hands it over: RGBA bytes, row by row, alpha 255. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8ClampedArray<ArrayBuffer>;
}

export const pixelsOf = (event: {
  readonly width: number;
  readonly height: number;
  readonly rgba: ArrayBuffer;
}): Pixels => ({
  width: event.width,
  height: event.height,
  rgba: new Uint8ClampedArray(event.rgba),
});
