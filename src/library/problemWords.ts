import type { ModelError } from "#models/modelError.ts";

/** Why no network can have a config, as a sentence. */
export function problemWords({ problem, message }: ModelError): string {
  switch (problem.kind) {
    case "HeadsDoNotDivide":
      return `A width of ${problem.hidden} cannot be shared out among ${problem.heads} attention heads.`;
    case "GroupsDoNotDivide":
      return `${problem.channels} channels cannot be parted into ${problem.groups} groups.`;
    case "PatchDoesNotDivide":
      return `Latents of ${problem.inputSize} cannot be cut into patches of ${problem.patch}.`;
    case "BadConfig":
      return `${problem.field} is ${String(problem.value)}: ${problem.reason}.`;
    default:
      return message;
  }
}
