import type { SimdSource } from "./installed.ts";
import { instantiateKernels, type SimdKernelName, type SimdKernels } from "./module.ts";

const PAGE = 65_536;
const SHARED_PAGES = 16_384;
/** Vectors are read fastest where none straddles two cache lines. */
const ALIGNMENT = 64;

/** Out of memory: a WebAssembly memory has 4 GiB at most, and less where the browser gives less. */
export class SimdMemoryError extends Error {
  override readonly name = "SimdMemoryError";
  constructor(
    readonly bytes: number,
    readonly heapBytes: number,
  ) {
    super(`out of memory: ${bytes} bytes more than the ${heapBytes} that the kernels have`);
  }
}

/** The kernels with a memory, handed out from its start: what was reserved first stays longest. Memory that was grown
 *  stays grown until the machine itself is let go. */
export class SimdMachine {
  private readonly memory: WebAssembly.Memory;
  private readonly kernels: SimdKernels;
  /** Its number among the pool's. */
  private readonly number: number;
  private floats = new Float32Array(0);
  /** The first free byte; 0 is kept free, so that no address is 0. */
  private top = ALIGNMENT;

  /** Throws SimdMemoryError. */
  constructor(private readonly source: SimdSource) {
    const { module, pool } = source;
    this.memory = newMemory(pool !== null);
    this.kernels = instantiateKernels(module, this.memory);
    this.number = pool?.open(this.memory) ?? 0;
  }

  /** Address of `count` numbers of 4 bytes, 0 in the beginning where the memory is new. Throws SimdMemoryError. */
  reserve(count: number): number {
    const address = this.top;
    const end = address + Math.ceil((count * 4) / ALIGNMENT) * ALIGNMENT;
    const missing = end - this.memory.buffer.byteLength;
    if (missing > 0) {
      try {
        this.memory.grow(Math.ceil(missing / PAGE));
      } catch {
        throw new SimdMemoryError(missing, this.memory.buffer.byteLength);
      }
    }
    this.top = end;
    return address;
  }

  /** Runs `work` and frees what it has reserved. */
  scoped<Result>(work: () => Result): Result {
    const top = this.top;
    try {
      return work();
    } finally {
      this.top = top;
    }
  }

  /** The numbers at an address; valid until the next `reserve`. */
  at(address: number, count: number): Float32Array {
    if (this.floats.buffer !== this.memory.buffer) this.floats = new Float32Array(this.memory.buffer);
    return this.floats.subarray(address / 4, address / 4 + count);
  }

  /** Address of a copy of `values`. Throws SimdMemoryError. */
  place(values: Float32Array): number {
    const address = this.reserve(values.length);
    this.at(address, values.length).set(values);
    return address;
  }

  /** Address of a list of addresses. Throws SimdMemoryError. */
  placeAddresses(addresses: readonly number[]): number {
    const address = this.reserve(addresses.length);
    new Uint32Array(this.memory.buffer, address, addresses.length).set(addresses);
    return address;
  }

  /** Does the `shares` shares of a kernel's work, on all threads. */
  run<Name extends SimdKernelName>(name: Name, shares: number, ...call: CallOf<Name>): void {
    const { pool } = this.source;
    if (pool === null || shares === 1) this.share(name, 0, shares, ...call);
    else pool.run(this.number, this.kernels, name, shares, call);
  }

  /** Does the shares from … to−1 of a kernel's work. */
  share<Name extends SimdKernelName>(name: Name, from: number, to: number, ...call: CallOf<Name>): void {
    const kernel: (...all: number[]) => void = this.kernels[name];
    kernel(from, to, ...call);
  }

  /** Lets the memory go. */
  close(): void {
    this.source.pool?.close(this.number);
  }

  /** Bytes of the memory. */
  get bytes(): number {
    return this.memory.buffer.byteLength;
  }
}

/** Arguments of a kernel behind `from` and `to`. */
type CallOf<Name extends SimdKernelName> =
  Parameters<SimdKernels[Name]> extends [number, number, ...infer Call extends number[]] ? Call : never;

/** A memory that threads share has to say how far it may grow; 1 GiB holds a DiT-L in float32, and phones still grant it. */
function newMemory(shared: boolean): WebAssembly.Memory {
  const maximum = shared ? SHARED_PAGES : undefined;
  try {
    return new WebAssembly.Memory({ initial: 1, shared, ...(maximum && { maximum }) });
  } catch {
    throw new SimdMemoryError((maximum ?? 1) * PAGE, 0);
  }
}
