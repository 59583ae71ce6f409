import type { TrainerRequest } from "../trainerProtocol.ts";
import type { TrainerWork } from "./context.ts";
import { encodeWork } from "./encodeWork.ts";
import { estimateWork } from "./estimateWork.ts";
import { exportWork } from "./exportWork.ts";
import { sampleWork } from "./sampleWork.ts";
import { scoreWork } from "./scoreWork.ts";
import { selectWork } from "./selectWork.ts";
import { trainWork } from "./trainWork.ts";

/** A request that is served in turn, or between two steps of another. */
export type TrainerJobRequest = Extract<TrainerRequest, { readonly job: unknown }>;

/** Whether a request is short enough to be served between two steps of a long one. */
export const isAside = ({ type }: TrainerJobRequest): boolean =>
  type === "sample" || type === "select" || type === "export";

/** What a request asks for; its fields are checked when it runs. */
export function trainerWork(request: TrainerJobRequest): TrainerWork {
  switch (request.type) {
    case "encode":
      return encodeWork(request.job);
    case "score":
      return scoreWork(request.job);
    case "select":
      return selectWork(request.job);
    case "estimate":
      return estimateWork(request.job);
    case "train":
      return trainWork(request.job);
    case "sample":
      return sampleWork(request.job);
    case "export":
      return exportWork(request.job);
    default:
      return request satisfies never;
  }
}
