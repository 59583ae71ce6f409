import { add, matMul, mul, reshape, type Tensor1D, type Tensor2D, tanh, tidy } from "@tensorflow/tfjs-core";
import type { VelocityModel } from "#flow/field.ts";

/** The closed-form field v(x, t) = 2 sin(ω₀ t) tanh(M x) + cos(ω₁ t) b on rows x, here [B,1,1,D]; M [D,D], b [D].
 *  It has no network, so it tells integration rules apart at full precision. */
export function analyticField(omega: readonly [number, number], m: Tensor2D, b: Tensor1D): VelocityModel {
  return {
    begin: (times) => ({
      velocity(i, x) {
        const t = times[i] ?? Number.NaN;
        return tidy(() => {
          const rows: Tensor2D = reshape(x, [x.shape[0], x.shape[3]]);
          const bent: Tensor2D = mul(tanh(matMul(rows, m, false, true)), 2 * Math.sin(omega[0] * t));
          return reshape(add(bent, mul(b, Math.cos(omega[1] * t))), x.shape);
        });
      },
      end() {},
    }),
  };
}
