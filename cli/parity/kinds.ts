import type { Kind } from "./kind.ts";
import { autoencoder } from "./kinds/autoencoder.ts";
import { closedForm } from "./kinds/closedForm.ts";
import { coarseToFine } from "./kinds/coarseToFine.ts";
import { dit } from "./kinds/dit.ts";
import { guidance } from "./kinds/guidance.ts";
import { losses } from "./kinds/losses.ts";
import { noise } from "./kinds/noise.ts";
import { operations } from "./kinds/operations.ts";
import { sampler } from "./kinds/sampler.ts";

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
  ["closed_form", closedForm],
  ["selection_scores", "not yet"],
  ["clustering", "not yet"],
  ["quota", "not yet"],
  ["ties", "not yet"],
  ["optimiser", "not yet"],
  ["metrics", "not yet"],
]);
