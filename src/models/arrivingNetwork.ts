import type { WeightArray } from "./weights.ts";

/** A network whose weights come one after the other, in any order, and are put where they will be used at once: so that
 *  little is left to be done when the last of them has been downloaded. The caller abandons it when one of its methods throws. */
export interface ArrivingNetwork<Network> {
  /** Takes a weight whose name and shape are those of the config. Throws when there is no memory for it. */
  offer(name: string, weight: WeightArray): void;
  /** False once the device that its weights were put on has gone away: then it has to be begun again. */
  alive(): boolean;
  /** The network, which the caller disposes. Throws MissingWeight, PositionTableDiffers. */
  finish(): Network;
  /** Lets go what has come; there is no network then. */
  abandon(): void;
}
