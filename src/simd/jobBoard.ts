/** Places on the board, 4 bytes each. */
const GENERATION = 0; // of the newest job
const NEXT = 1; // generation · CHUNKS + the next chunk that nobody has taken
const DONE = 2; // chunks
const FAILED = 3; // chunks
const MACHINE = 4;
const KERNEL = 5;
const SHARES = 6;
const CHUNK_COUNT = 7;
const MESSAGES = 8; // sent to each helper so far
const ARGUMENTS = 12; // float64, so on a whole 8 bytes
const MOST_ARGUMENTS = 16;

/** More than a job has: the last place of a generation stands for none. */
const CHUNKS = 1024;
const GENERATIONS = 2 ** 31 / CHUNKS;

/** About 20 µs: the next layer's job mostly comes within that, and waking a sleeper takes longer. */
const LOOKS_BEFORE_SLEEP = 4_000;

/** A job as a helper reads it. */
export interface PostedJob {
  readonly generation: number;
  readonly machine: number;
  readonly kernel: number;
  readonly shares: number;
  readonly chunks: number;
  readonly call: readonly number[];
}

/** One job at a time, cut into chunks that whoever is free takes: a helper that the operating system keeps waiting holds
 *  nobody up. Only the owner posts; helpers read. A chunk is taken by changing NEXT, which names the generation, so that
 *  a helper that has read a job while the next one was being written finds that it may take nothing of it. */
export class JobBoard {
  private readonly board: Int32Array;
  /** The job's arguments: addresses and sizes, and fractions too. */
  private readonly call: Float64Array;

  constructor(readonly memory = new SharedArrayBuffer(ARGUMENTS * 4 + MOST_ARGUMENTS * 8)) {
    this.board = new Int32Array(memory, 0, ARGUMENTS);
    this.call = new Float64Array(memory, ARGUMENTS * 4, MOST_ARGUMENTS);
  }

  /** Posts a job, when the one before is done, and wakes the helpers. Returns its generation. */
  post(machine: number, kernel: number, shares: number, chunks: number, call: readonly number[]): number {
    const { board } = this;
    const generation = (Atomics.load(board, GENERATION) + 1) % GENERATIONS;
    // Before anything is written: a late helper would take the job before for one of as many chunks as this one.
    Atomics.exchange(board, NEXT, generation * CHUNKS + CHUNKS - 1);
    Atomics.store(board, DONE, 0);
    Atomics.store(board, FAILED, 0);
    Atomics.store(board, MACHINE, machine);
    Atomics.store(board, KERNEL, kernel);
    Atomics.store(board, SHARES, shares);
    Atomics.store(board, CHUNK_COUNT, chunks);
    for (let index = 0; index < MOST_ARGUMENTS; index++) this.call[index] = call[index] ?? 0;
    Atomics.store(board, NEXT, generation * CHUNKS);
    Atomics.store(board, GENERATION, generation);
    Atomics.notify(board, GENERATION);
    return generation;
  }

  /** Tells helpers, after a message was sent to each, to look into their event loops. */
  announceMessage(): void {
    Atomics.add(this.board, MESSAGES, 1);
    this.post(0, 0, 0, 0, []); // wakes them
  }

  /** Messages that were sent to each helper so far. */
  get messages(): number {
    return Atomics.load(this.board, MESSAGES);
  }

  /** A chunk of that job which nobody else has, or −1 when none is left. */
  take(generation: number, chunks: number): number {
    for (;;) {
      const next = Atomics.load(this.board, NEXT);
      const chunk = next - generation * CHUNKS;
      if (chunk < 0 || chunk >= chunks) return -1;
      if (Atomics.compareExchange(this.board, NEXT, next, next + 1) === next) return chunk;
    }
  }

  done(failed: boolean): void {
    if (failed) Atomics.add(this.board, FAILED, 1);
    Atomics.add(this.board, DONE, 1);
  }

  /** Waits until others have done what they took. Returns whether all of it went well. */
  settled(chunks: number): boolean {
    while (Atomics.load(this.board, DONE) < chunks);
    return Atomics.load(this.board, FAILED) === 0;
  }

  /** The newest generation. */
  get generation(): number {
    return Atomics.load(this.board, GENERATION);
  }

  /** Sleeps until there is a job after that generation. Not for a page's own thread. */
  next(generation: number): PostedJob {
    const { board } = this;
    for (let look = 0; Atomics.load(board, GENERATION) === generation; look++)
      if (look > LOOKS_BEFORE_SLEEP) Atomics.wait(board, GENERATION, generation);
    return {
      generation: Atomics.load(board, GENERATION),
      machine: Atomics.load(board, MACHINE),
      kernel: Atomics.load(board, KERNEL),
      shares: Atomics.load(board, SHARES),
      chunks: Atomics.load(board, CHUNK_COUNT),
      call: [...this.call],
    };
  }
}

/** First share of a chunk; that of chunk + 1 is its end. */
export const firstShare = (chunk: number, chunks: number, shares: number): number =>
  Math.floor((chunk * shares) / chunks);
