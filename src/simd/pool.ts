import { firstShare, JobBoard } from "./jobBoard.ts";
import { KERNEL_NAMES, type SimdKernelName, type SimdKernels } from "./module.ts";

/** Chunks for everybody who works: several each, so that who is slow does fewer. */
const CHUNKS_EACH = 4;

/** What a pool tells its helpers. */
export type HelperMessage =
  | { readonly type: "begin"; readonly board: SharedArrayBuffer; readonly module: WebAssembly.Module }
  | { readonly type: "open"; readonly machine: number; readonly memory: WebAssembly.Memory }
  | { readonly type: "close"; readonly machine: number };

/** A thread that runs `serveJobs`, as far as a pool knows it. */
export interface Helper {
  postMessage(message: HelperMessage): void;
  terminate(): void;
}

/** Threads that share the work of kernels with the thread that calls them. Who cannot help, because it is still starting or
 *  the operating system has no time for it, is not waited for. Results are the same bits on any number of threads. */
export class SimdPool {
  private readonly board = new JobBoard();
  private machines = 0;
  /** Chunks that helpers have done so far. */
  helped = 0;

  constructor(
    module: WebAssembly.Module,
    private readonly helpers: readonly Helper[],
  ) {
    this.tell({ type: "begin", board: this.board.memory, module });
  }

  /** Threads that compute, with the caller's own. */
  get threads(): number {
    return this.helpers.length + 1;
  }

  /** Lets helpers work in that memory. Returns the number by which `run` knows it. */
  open(memory: WebAssembly.Memory): number {
    const machine = this.machines++;
    this.tell({ type: "open", machine, memory });
    return machine;
  }

  /** Forgets a memory, so that it can be freed. */
  close(machine: number): void {
    this.tell({ type: "close", machine });
  }

  /** Does the shares of a kernel's work together with the helpers; `kernels` are the caller's own on that memory. Throws
   *  when a helper's share failed. */
  run(
    machine: number,
    kernels: SimdKernels,
    name: SimdKernelName,
    shares: number,
    call: readonly number[],
  ): void {
    const chunks = Math.min(shares, this.threads * CHUNKS_EACH);
    const kernel: (...all: number[]) => void = kernels[name];
    const generation = this.board.post(machine, KERNEL_NAMES.indexOf(name), shares, chunks, call);
    let own = 0;
    let problem: unknown = null;
    for (let chunk = this.board.take(generation, chunks); chunk >= 0; ) {
      try {
        kernel(firstShare(chunk, chunks, shares), firstShare(chunk + 1, chunks, shares), ...call);
      } catch (cause) {
        problem = cause;
      }
      own++;
      this.board.done(problem !== null);
      chunk = this.board.take(generation, chunks);
    }
    const good = this.board.settled(chunks);
    this.helped += chunks - own;
    if (!good) throw problem ?? new Error(`a thread's share of ${name} failed`);
  }

  /** Ends the helpers. */
  end(): void {
    for (const helper of this.helpers) helper.terminate();
  }

  private tell(message: HelperMessage): void {
    for (const helper of this.helpers) helper.postMessage(message);
    this.board.announceMessage();
  }
}
