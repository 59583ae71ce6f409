import type { StepRule } from "./rule.ts";

/** Explicit midpoint: x + h v(x + h/2 v(x, t), t + h/2). Order 2. */
export const midpoint: StepRule = {
  multistep: false,
  stageTimes: (t, tNext) => [t, t + (tNext - t) / 2],
  async advance({ x, t, tNext, move }) {
    const h = tNext - t;
    const half = await move(0, x, h / 2);
    const { to } = await move(1, half.to, h);
    return to;
  },
};
