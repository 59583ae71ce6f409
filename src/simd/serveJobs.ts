import { firstShare, JobBoard } from "./jobBoard.ts";
import { instantiateKernels, KERNEL_NAMES, type SimdKernels } from "./module.ts";
import type { HelperMessage } from "./pool.ts";

/** The helper's side of a pool: hand it every message, in order. After each it serves jobs, in a loop that lets no message
 *  in and ends when the owner has sent one. */
export function createHelper(): (message: HelperMessage) => void {
  let board: JobBoard | null = null;
  let module: WebAssembly.Module | null = null;
  let handled = 0;
  const machines = new Map<number, SimdKernels>();
  return (message) => {
    switch (message.type) {
      case "begin":
        board = new JobBoard(message.board);
        module = message.module;
        break;
      case "open":
        if (module) machines.set(message.machine, instantiateKernels(module, message.memory));
        break;
      case "close":
        machines.delete(message.machine);
        break;
      default:
        return message satisfies never;
    }
    handled++;
    if (board) serveJobs(board, machines, handled);
  };
}

/** Serves jobs until more messages were sent than have been handled. */
function serveJobs(board: JobBoard, machines: ReadonlyMap<number, SimdKernels>, handled: number): void {
  let seen = board.generation;
  while (board.messages === handled) {
    const { generation, machine, kernel, shares, chunks, call } = board.next(seen);
    seen = generation;
    const kernels = machines.get(machine);
    if (kernels === undefined) continue;
    const run: (...all: number[]) => void = kernels[KERNEL_NAMES[kernel]];
    for (let chunk = board.take(generation, chunks); chunk >= 0; chunk = board.take(generation, chunks)) {
      try {
        run(firstShare(chunk, chunks, shares), firstShare(chunk + 1, chunks, shares), ...call);
        board.done(false);
      } catch {
        board.done(true);
      }
    }
  }
}
