import type { Kind } from "./kind.ts";
import { autoencoder } from "./kinds/autoencoder.ts";
import { closedForm } from "./kinds/closedForm.ts";
import { coarseToFine } from "./kinds/coarseToFine.ts";
import { containers } from "./kinds/containers.ts";
import { dit } from "./kinds/dit.ts";
import { guidance } from "./kinds/guidance.ts";
import { losses } from "./kinds/losses.ts";
import { noise } from "./kinds/noise.ts";
import { operations } from "./kinds/operations.ts";
import { sampler } from "./kinds/sampler.ts";
import { unet } from "./kinds/unet.ts";

/** What computes each kind of case; "not yet" for kinds whose part of the product does not exist yet. */
export const KINDS: ReadonlyMap<string, Kind | "not yet"> = new Map<string, Kind | "not yet">([
  ["noise", noise],
  ["operations", operations],
  ["dit", dit],
  ["autoencoder", autoencoder],
  ["sampler", sampler],
  ["coarse_to_fine", coarseToFine],
  ["guidance", guidance],
  ["losses", losses],
  ["unet", unet],
  ["containers", containers],
  ["closed_form", closedForm],
  ["selection_scores", "not yet"],
  ["clustering", "not yet"],
  ["quota", "not yet"],
  ["ties", "not yet"],
  ["optimiser", "not yet"],
  ["metrics", "not yet"],
]);

/** Kinds whose tight limits are widened by a factor on cpu and wasm, never beyond the limits for a GPU.
 *  A tight limit is four times the error of one float32 run in PyTorch, which sums a convolution's products in blocks;
 *  tfjs sums them one after the other, and through a whole U-Net that showed 5.3 times PyTorch's error (golden 11). */
export const TIGHT_SLACK: ReadonlyMap<string, number> = new Map([["unet", 4]]);
