import { createContext, useContext } from "react";
import { useStore } from "zustand";
import type { Models } from "#state/library/models.ts";
import type { Shelf } from "#state/library/shelf.ts";

export const ModelsContext = createContext<Models | null>(null);

/** The page's commands. */
export function useModels(): Models {
  const models = useContext(ModelsContext);
  if (!models) throw new Error("the Models page's parts need a ModelsContext around them");
  return models;
}

/** One value of the shelf; the component is drawn again when that value changes. */
export function useShelf<T>(select: (shelf: Shelf) => T): T {
  return useStore(useModels().store, select);
}
