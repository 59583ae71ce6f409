import { createStore, type StoreApi } from "zustand/vanilla";
import type { MetricName } from "./metrics.ts";
import type { Direction } from "./Setup/axes.ts";

/** How the grid is looked at in this visit: nothing of it changes a picture or belongs into a link. */
export interface Look {
  /** Number of the cell under the pointer; null while it is elsewhere. */
  readonly hovered: number | null;
  /** Number of the cell that the keyboard is on; it keeps its place when the focus leaves the grid. */
  readonly active: number;
  readonly metric: MetricName;
  /** Enlargement; null fits the room. */
  readonly zoom: number | null;
  /** Share of a picture that the slider gives to what it is compared with, from the left. */
  readonly wipe: number;
  /** Blinking shows the other picture right now. */
  readonly blinked: boolean;
  readonly blinking: boolean;
  /** Directions of the grid whose field says something else than the grid has, with the reason. */
  readonly wrong: Readonly<Partial<Record<Direction, string>>>;
}

export type LookStore = StoreApi<Look>;

export const createLook = (blinking: boolean): LookStore =>
  createStore<Look>(() => ({
    hovered: null,
    active: 0,
    metric: "ssim",
    zoom: null,
    wipe: 0.5,
    blinked: false,
    blinking,
    wrong: {},
  }));
