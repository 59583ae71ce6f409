import type { StepRule } from "./rule.ts";

/** Classical Runge–Kutta: x + h/6 (k1 + 2 k2 + 2 k3 + k4), k2 and k3 at t + h/2, k4 at tNext. Order 4. */
export const rk4: StepRule = {
  multistep: false,
  stageTimes: (t, tNext) => {
    const half = t + (tNext - t) / 2;
    return [t, half, half, tNext];
  },
  async advance({ x, t, tNext, velocity, plus }) {
    const h = tNext - t;
    const k1 = await velocity(0, x);
    const k2 = await velocity(1, plus([h / 2, k1]));
    const k3 = await velocity(2, plus([h / 2, k2]));
    const k4 = await velocity(3, plus([h, k3]));
    return plus([h / 6, k1], [h / 3, k2], [h / 3, k3], [h / 6, k4]);
  },
};
