import type { StepRule } from "./rule.ts";

/** Classical Runge–Kutta: x + h/6 (k1 + 2 k2 + 2 k3 + k4), k2 and k3 at t + h/2, k4 at tNext. Order 4. */
export const rk4: StepRule = {
  multistep: false,
  stageTimes: (t, tNext) => {
    const half = t + (tNext - t) / 2;
    return [t, half, half, tNext];
  },
  async advance({ x, t, tNext, velocity, move, plus }) {
    const h = tNext - t;
    const { v: k1, to: half1 } = await move(0, x, h / 2);
    const { v: k2, to: half2 } = await move(1, half1, h / 2);
    const { v: k3, to: end } = await move(2, half2, h);
    const k4 = await velocity(3, end);
    return plus([h / 6, k1], [h / 3, k2], [h / 3, k3], [h / 6, k4]);
  },
};
