import type { EngineError, PartName } from "#workers/protocol.ts";
import { bytesText } from "./format.ts";

/** What can be done about an error, as a button. */
export type Remedy =
  | { readonly do: "retry-download" }
  | { readonly do: "restart" }
  | { readonly do: "use-wasm" }
  | { readonly do: "smaller-batch"; readonly batch: number }
  | { readonly do: "none" };

/** An error as the reader sees it: what happened, what it means, what to do. */
export interface Words {
  readonly title: string;
  readonly text: string;
  readonly remedy: Remedy;
}

/** A part as the reader knows it: "heavy model", "model zoo-half", "decoder other", "embedding network". */
export function partName(part: PartName): string {
  if (part === "light" || part === "heavy") return `${part} model`;
  if (part === "embedding" || part === "classifier") return `${part} network`;
  return part.replace(":", " ");
}

/** A status of a web server in words. */
function statusText(httpStatus: number | null): string {
  if (httpStatus === null) return "The connection was cut.";
  if (httpStatus === 404) return "The server does not have the file (404).";
  if (httpStatus < 300) return "The answer ended early or was another file.";
  if (httpStatus >= 500) return `The server has a problem of its own (${httpStatus}).`;
  return `The server answered ${httpStatus}.`;
}

/** Every way the engine can fail, in words. */
export function errorWords(error: EngineError): Words {
  switch (error.kind) {
    case "NoBackend":
      return {
        title: "This browser cannot run the models",
        text: `Neither WebGPU nor WebAssembly could be started. ${error.detail}`,
        remedy: { do: "restart" },
      };
    case "ManifestUnreachable":
      return {
        title: "The list of models could not be fetched",
        text: `${error.url} did not answer as expected. ${error.detail}`,
        remedy: { do: "restart" },
      };
    case "ManifestInvalid":
      return {
        title: "The list of models is damaged",
        text: `${error.url} is not a manifest that this version can read. ${error.detail}`,
        remedy: { do: "restart" },
      };
    case "UnknownFamily":
      return {
        title: `There is no family called “${error.family}”`,
        text: `Installed: ${error.known.join(", ") || "none"}.`,
        remedy: { do: "none" },
      };
    case "DownloadFailed":
      return {
        title: "A download stopped",
        text: `${error.file}: ${bytesText(error.loadedBytes)} of ${bytesText(error.totalBytes)} arrived. ${statusText(error.httpStatus)}${error.loadedBytes > 0 ? " What has arrived is kept." : ""}`,
        remedy: { do: "retry-download" },
      };
    case "HashMismatch":
      return {
        title: "A downloaded file is not the one that was promised",
        text: `${error.file} has another checksum than the manifest says (${error.actual.slice(0, 8)}… instead of ${error.expected.slice(0, 8)}…). It was thrown away.`,
        remedy: { do: "retry-download" },
      };
    case "BadCheckpoint":
      return {
        title: "A model file cannot be read",
        text: `${error.file}: ${error.detail}`,
        remedy: { do: "retry-download" },
      };
    case "OwnModelMissing":
      return {
        title: "A model of your own is gone",
        text: `This browser no longer keeps ${error.model}. Import its file again on the Models page.`,
        remedy: { do: "none" },
      };
    case "InvalidJob":
      return {
        title: "These settings cannot be drawn",
        text: `${error.field}: ${error.detail}`,
        remedy: { do: "none" },
      };
    case "NotLoaded":
      return {
        title: `The ${partName(error.part)} is not there yet`,
        text: "It has to be downloaded before this picture can be drawn.",
        remedy: { do: "retry-download" },
      };
    case "OutOfMemory":
      return error.suggestedBatch === null
        ? {
            title: "Out of memory",
            text: `Even ${error.batch === 1 ? "a single image" : `${error.batch} images`} at a time did not fit. Closing other tabs may help, or running on WebAssembly.`,
            remedy: { do: "use-wasm" },
          }
        : {
            title: "Out of memory",
            text: `${error.batch} images side by side did not fit. ${error.suggestedBatch} at a time need less, take a little longer and give the same pictures.`,
            remedy: { do: "smaller-batch", batch: error.suggestedBatch },
          };
    case "DeviceLost":
      return {
        title: "The graphics device was lost twice",
        text: `${error.reason} The job was started again once and lost again.`,
        remedy: { do: "use-wasm" },
      };
    case "Internal":
      return {
        title: "Something in the engine broke",
        text: error.detail,
        remedy: { do: "restart" },
      };
    default:
      return error satisfies never;
  }
}
