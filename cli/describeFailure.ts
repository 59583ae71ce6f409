import type { EngineError } from "#workers/protocol.ts";

/** An engine's error as one line for a terminal, with what to do where there is something to do. */
export function describeFailure(error: EngineError): string {
  switch (error.kind) {
    case "NoBackend":
      return `No backend could be started: ${error.detail}`;
    case "ManifestUnreachable":
    case "ManifestInvalid":
      return `The list of models ${error.url} cannot be used: ${error.detail}`;
    case "UnknownFamily":
      return `There is no family '${error.family}'. There is: ${error.known.join(", ")}.`;
    case "DownloadFailed":
      return `${error.file} could not be read: ${error.detail}`;
    case "HashMismatch":
      return `${error.file} is damaged: its sha256 is ${error.actual}, the manifest says ${error.expected}. Check the file out again.`;
    case "BadCheckpoint":
      return `${error.file} cannot be used: ${error.detail}`;
    case "OwnModelMissing":
      return `The model ${error.model} is not there.`;
    case "InvalidJob":
      return error.detail;
    case "NotLoaded":
      return `The part ${error.part} is not there.`;
    case "OutOfMemory":
      return `Memory ran out at ${error.batch} images side by side.${error.suggestedBatch ? ` Try --batch ${error.suggestedBatch}.` : ""}`;
    case "DeviceLost":
      return `The graphics device was lost: ${error.reason}`;
    case "Internal":
      return `Something is wrong in steadyflow: ${error.detail}`;
    default:
      return error satisfies never;
  }
}
