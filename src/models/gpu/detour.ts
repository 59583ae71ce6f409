import { tidy } from "@tensorflow/tfjs-core";
import type { KernelCall } from "#gpu/kernel.ts";
import type { RowTable } from "#gpu/machine.ts";
import { PICTURE_DETOURS } from "./pictureDetours.ts";
import { TOKEN_DETOURS } from "./tokenDetours.ts";

const DETOURS = { ...TOKEN_DETOURS, ...PICTURE_DETOURS };

/** What runs in place of a call whose kernel is switched off, as often as is wanted. */
export function detourOf(call: KernelCall): (table: RowTable | undefined) => void {
  const composition = DETOURS[call.kernel.name];
  if (composition === undefined) throw new Error(`${call.kernel.name} cannot be switched off by itself`);
  return (table) => {
    tidy(() => {
      composition(call, table); // in a tidy of its own: all of it is let go
    });
  };
}
