import { createContext, useContext } from "react";
import { useStore } from "zustand";
import type { App } from "#state/app.ts";
import type { Studio } from "#state/studio.ts";

export const StudioContext = createContext<Studio | null>(null);

/** The page's commands. Outside of the page there are none, which is a mistake of the caller. */
export function useStudio(): Studio {
  const studio = useContext(StudioContext);
  if (!studio) throw new Error("useStudio needs a StudioContext around it");
  return studio;
}

/** One value of the store; the component is drawn again when that value changes. */
export function useApp<T>(select: (app: App) => T): T {
  return useStore(useStudio().store, select);
}
