import type { RunPlan } from "#runs/run.ts";

/** Whether two plans ask for the same work: everything but their names. */
export const isSameWork = (a: RunPlan, b: RunPlan): boolean => workOf(a) === workOf(b);

function workOf({ name: _, selection, ...plan }: RunPlan): string {
  const { kept, heldOut } = selection;
  return JSON.stringify({ ...plan, kept: [...kept], heldOut: [...heldOut] });
}

/** What of a plan decides its cost: as many pictures, whichever they are. */
export function costKey({ name: _, dataset: __, selection, ...plan }: RunPlan): string {
  return JSON.stringify({ ...plan, kept: selection.kept.length, heldOut: selection.heldOut.length });
}
