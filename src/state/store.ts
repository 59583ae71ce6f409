import { createStore, type StoreApi } from "zustand/vanilla";
import { type App, type AppEvent, appReducer, INITIAL_APP } from "./app.ts";

/** The page's one store. State changes through events only; several events make one change that is seen. */
export interface Store extends Pick<StoreApi<App>, "getState" | "getInitialState" | "subscribe"> {
  dispatch(...events: readonly AppEvent[]): void;
}

export function createAppStore(initial: App = INITIAL_APP): Store {
  const { getState, getInitialState, subscribe, setState } = createStore<App>(() => initial);
  return {
    getState,
    getInitialState,
    subscribe,
    dispatch: (...events) => setState((app) => events.reduce(appReducer, app), true),
  };
}
