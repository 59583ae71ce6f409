import { writeSafetensors } from "#checkpoints/safetensors.ts";
import type { CaseFolder } from "../../cli/parity/caseFolder.ts";
import type { HostTensor } from "../../cli/parity/hostTensor.ts";

export type { HostTensor };

/** A folder with the one case `name`: its JSON (or any text in its place) and its tensors, null for no such file. */
export function writeCase(
  name: string,
  json: object | string,
  tensors: Record<string, HostTensor> | null,
): CaseFolder {
  const files = new Map<string, Uint8Array>();
  files.set(`${name}.json`, new TextEncoder().encode(typeof json === "string" ? json : JSON.stringify(json)));
  if (tensors) {
    const raw = Object.entries(tensors).map(
      ([key, { shape, values }]) =>
        [key, { dtype: "F32" as const, shape, bytes: new Uint8Array(values.slice().buffer) }] as const,
    );
    files.set(`${name}.safetensors`, writeSafetensors(new Map(raw)));
  }
  return {
    files: [...files.keys()],
    read: (file) => {
      const bytes = files.get(file);
      return bytes ? Promise.resolve(bytes) : Promise.reject(new Error(`no file ${file}`));
    },
  };
}
