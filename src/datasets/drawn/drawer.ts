import { createAvatar, type Style } from "@dicebear/core";
import { initWasm, Resvg } from "@resvg/resvg-wasm";
import { averageByArea } from "../averageByArea.ts";
import type { NinthStyleName } from "./ninthStyles.ts";
import { BACKGROUNDS, DRAWN_SIZE, RASTER_OPTIONS } from "./recipe.ts";

/** Draws avatar after avatar of one style. */
export interface Drawer {
  /** The avatar of a seed: RGB, size × size × 3 bytes, drawn at 128 px and averaged down. The same bytes everywhere: a
   *  rasteriser in WebAssembly has one arithmetic. */
  draw(seed: string, size: number): Uint8Array<ArrayBuffer>;
}

const STYLES: Readonly<Record<NinthStyleName, () => Promise<Style<object>>>> = {
  bigEars: () => import("@dicebear/big-ears"),
  miniavs: () => import("@dicebear/miniavs"),
  pixelArt: () => import("@dicebear/pixel-art"),
};

let rasteriser: Promise<void> | null = null;

/** A drawer of `style`. `wasm` gives the rasteriser's module (@resvg/resvg-wasm/index_bg.wasm) and is asked once, on the
 *  first call that succeeds. Rejects with what the import or `wasm` rejects with, and may then be asked again. */
export async function createDrawer(
  style: NinthStyleName,
  wasm: () => Promise<Response | ArrayBuffer>,
): Promise<Drawer> {
  rasteriser ??= initWasm(wasm()).catch((cause: unknown) => {
    rasteriser = null;
    throw cause;
  });
  const [drawing] = await Promise.all([STYLES[style](), rasteriser]);
  return {
    draw(seed, size) {
      const svg = createAvatar(drawing, { seed, size: DRAWN_SIZE, backgroundColor: [...BACKGROUNDS] });
      const resvg = new Resvg(svg.toString(), RASTER_OPTIONS);
      const image = resvg.render();
      const rgba = image.pixels;
      image.free();
      resvg.free();
      const whole = { left: 0, top: 0, side: DRAWN_SIZE };
      return averageByArea({ width: DRAWN_SIZE, height: DRAWN_SIZE, rgba }, whole, size);
    },
  };
}
