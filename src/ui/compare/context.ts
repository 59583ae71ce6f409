import { createContext, useContext } from "react";
import { useStore } from "zustand";
import type { Comparison } from "#state/compare/comparison.ts";
import type { Comparisons } from "#state/compare/comparisons.ts";
import type { Look, LookStore } from "./look.ts";

/** What the parts of the Compare page share. */
export interface CompareValue {
  readonly comparisons: Comparisons;
  readonly look: LookStore;
}

export const CompareContext = createContext<CompareValue | null>(null);

function useCompare(): CompareValue {
  const value = useContext(CompareContext);
  if (!value) throw new Error("the Compare page's parts need a CompareContext around them");
  return value;
}

/** The page's commands. */
export const useComparisons = (): Comparisons => useCompare().comparisons;

/** One value of the comparison; the component is drawn again when that value changes. */
export function useComparison<T>(select: (comparison: Comparison) => T): T {
  return useStore(useComparisons().store, select);
}

export const useLookStore = (): LookStore => useCompare().look;

/** One value of how the grid is looked at. */
export function useLook<T>(select: (look: Look) => T): T {
  return useStore(useLookStore(), select);
}
