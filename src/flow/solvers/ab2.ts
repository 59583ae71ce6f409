import type { StepRule } from "./rule.ts";

/** Adams–Bashforth of two steps, for unequal steps: x + h ((1 + r/2) v_n − (r/2) v_{n−1}), r = h / h_{n−1}.
 *  An Euler step where there is no history: at the start and at the change of model, whose old
 *  velocities belong to another field. Order 2. */
export const ab2: StepRule = {
  multistep: true,
  stageTimes: (t) => [t],
  async advance({ x, t, tNext, previous, velocity, move, plus }) {
    const h = tNext - t;
    if (previous === null) return (await move(0, x, h)).to;
    const v = await velocity(0, x);
    const r = h / previous.h;
    return plus([h * (1 + r / 2), v], [(-h * r) / 2, previous.velocity]);
  },
};
