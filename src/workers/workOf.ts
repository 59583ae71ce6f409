import type { Manifest } from "#checkpoints/manifest.ts";
import { decodeWork } from "./decode.ts";
import { describeWork } from "./describe.ts";
import { generateWork } from "./generate.ts";
import { integrateWork } from "./integrate.ts";
import type { EngineRequest } from "./protocol.ts";
import { familyOf } from "./residents.ts";
import type { Work } from "./work.ts";

/** A request that is served in turn. */
export type JobRequest = Extract<EngineRequest, { readonly job: unknown }>;

/** What a request asks for. Throws EngineFailure UnknownFamily, or InvalidJob naming the first field that is out of its
 *  range. */
export function workOf(request: JobRequest, manifest: Manifest): Work {
  const family = familyOf(manifest, request.job.family);
  switch (request.type) {
    case "generate":
      return generateWork(request.job, family);
    case "integrate":
      return integrateWork(request.job, family);
    case "decode":
      return decodeWork(request.job, family);
    case "describe":
      return describeWork(request.job, family);
    default:
      return request satisfies never;
  }
}
