import { getBackend } from "@tensorflow/tfjs-core";

/** An operation of the models: called like a plain function, with one exchangeable route per backend. */
export interface Kernel<Args extends readonly unknown[], Result> {
  (...args: Args): Result;
  readonly kernelName: string;
  /** The composition of tfjs ops that defines the result; every other route is tested against it. */
  readonly reference: (...args: Args) => Result;
  /** Gives `backend` a route of its own. It has the gradients of the ops that it is made of. */
  setRoute(backend: string, route: (...args: Args) => Result): void;
  /** Which route a call takes on the backend in use, for reports. */
  route(): "own" | "reference";
}

/** A kernel that follows `reference` until a backend is given a route of its own, so that a faster one can be
 *  slotted in without touching a model. */
export function defineKernel<Args extends readonly unknown[], Result>(
  kernelName: string,
  reference: (...args: Args) => Result,
): Kernel<Args, Result> {
  const routes = new Map<string, (...args: Args) => Result>();
  return Object.assign((...args: Args) => (routes.get(getBackend()) ?? reference)(...args), {
    kernelName,
    reference,
    setRoute: (backend: string, route: (...args: Args) => Result) => {
      routes.set(backend, route);
    },
    route: (): "own" | "reference" => (routes.has(getBackend()) ? "own" : "reference"),
  });
}
