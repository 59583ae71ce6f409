import { ditTimeFeatures } from "#kernels/timeFeatures.ts";
import type { SimdMachine } from "#simd/machine.ts";
import { LANES, readTiles, wholeLanes, writeTiles } from "#simd/tiles.ts";
import type { Conditioning } from "../conditionedTrajectory.ts";
import { type DiTConfig, ditSizes, TIME_FEATURES } from "../ditConfig.ts";
import type { DiTSimdWeights } from "./ditSimdWeights.ts";
import { product, runLayer } from "./simdLayer.ts";

/** Samples that go through the network side by side: more would leave the caches, fewer read the weights more often. */
const SIDE_BY_SIDE = 8;

/** Modulations of some conditionings in tiles [⌈rows/4⌉][(6·depth + 2)·D][4], on the host. */
export type ModulationTiles = Float32Array;

/** Called with intermediate results [rows,columns], row-major, under the names of the golden vectors. */
export type HostTaps = (name: string, values: Float32Array, columns: number) => void;

/** Whether the kernels can run a DiT: the channels of a head come four at a time. */
export const simdRuns = ({ hidden_size, num_heads }: DiTConfig): boolean =>
  hidden_size % (num_heads * LANES) === 0;

/** A DiT on the CPU's SIMD kernels: the same formula as `ditVelocity`, in calls that each do a whole layer. */
export class DiTSimd {
  /** Of a config of which `simdRuns`, with its weights in the machine's memory; the machine is the network's from now on. */
  constructor(
    private readonly config: DiTConfig,
    private readonly machine: SimdMachine,
    private readonly weights: DiTSimdWeights,
  ) {}

  /** Lets its memory go. */
  dispose(): void {
    this.machine.close();
  }

  /** The modulations of every conditioning, one row each. */
  modulations(rows: readonly Conditioning[], tap?: HostTaps): ModulationTiles {
    const { machine, weights } = this;
    const D = this.config.hidden_size;
    const tiles = Math.ceil(rows.length / LANES);
    return machine.scoped(() => {
      const features = machine.reserve(tiles * LANES * TIME_FEATURES);
      const values = ditTimeFeatures(
        rows.map(({ time }) => time),
        TIME_FEATURES,
      );
      writeTiles(values, TIME_FEATURES, machine.at(features, tiles * LANES * TIME_FEATURES));
      const hidden = runLayer(machine, weights.time[0], features, tiles);
      machine.run("silu", tiles * D, hidden, hidden);
      const embedded = runLayer(machine, weights.time[1], hidden, tiles);
      const conditioning = machine.at(embedded, tiles * LANES * D);
      rows.forEach(({ label }, row) => {
        const start = (row - (row % LANES)) * D + (row % LANES);
        for (let k = 0; k < D; k++) conditioning[start + k * LANES] += weights.labels.values[label * D + k];
      });
      tap?.("conditioning", readTiles(conditioning, rows.length, D), D);
      machine.run("silu", tiles * D, embedded, embedded);
      const modulations = runLayer(machine, weights.modulation, embedded, tiles);
      return machine.at(modulations, tiles * LANES * weights.modulation.outputs).slice();
    });
  }

  /** Velocities of `rowOfSample.length` states x [B,H,W,C], sample b under the modulations of row `rowOfSample[b]`. */
  velocity(
    x: Float32Array,
    modulations: ModulationTiles,
    rowOfSample: readonly number[],
    tap?: HostTaps,
  ): Float32Array {
    const size = x.length / rowOfSample.length;
    const velocity = new Float32Array(x.length);
    const atOnce = tap ? rowOfSample.length : SIDE_BY_SIDE;
    for (let first = 0; first < rowOfSample.length; first += atOnce) {
      const rows = rowOfSample.slice(first, first + atOnce);
      const some = x.subarray(first * size, (first + rows.length) * size);
      velocity.set(
        this.machine.scoped(() => this.pass(some, modulations, rows, tap)),
        first * size,
      );
    }
    return velocity;
  }

  private pass(
    x: Float32Array,
    modulations: ModulationTiles,
    rowOfSample: readonly number[],
    tap?: HostTaps,
  ) {
    const { machine, weights, config } = this;
    const { hidden_size: D, num_heads: heads, depth } = config;
    const sizes = ditSizes(config);
    const samples = rowOfSample.length;
    const perSample = Math.ceil(sizes.tokens / LANES); // tiles
    const tiles = samples * perSample;
    const rows = this.placeModulations(modulations, rowOfSample);
    const part = (index: number): number => index * D * LANES * 4; // bytes from a row's start
    const patches = this.placePatches(x, samples, perSample);

    const tokens = machine.reserve(tiles * LANES * D);
    const normal = machine.reserve(tiles * LANES * D);
    const qkv = machine.reserve(tiles * LANES * 3 * D);
    const mixed = machine.reserve(tiles * LANES * D);
    const hidden = machine.reserve(tiles * LANES * wholeLanes(sizes.mlp));
    const scores = machine.reserve(samples * heads * perSample * 8 * LANES);
    const tell = (name: string, address: number, columns: number, width = columns): void => {
      if (!tap) return;
      const all = Array.from({ length: samples }, (_, sample) => {
        const start = address + sample * perSample * LANES * width * 4;
        return readTiles(machine.at(start, perSample * LANES * width), sizes.tokens, columns, width);
      });
      tap(name, concatenated(all), columns);
    };
    const norm = (shift: number, scale: number): void =>
      machine.run("modulatedLayerNorm", tiles, tokens, normal, D, rows, part(shift), part(scale), perSample);

    const panels = D / LANES;
    machine.run(
      "linearAdded",
      panels,
      ...product(weights.patches, patches, tokens, tiles),
      weights.positions,
      perSample,
    );
    tell("tokens_after_patch_embed", tokens, D);
    weights.blocks.forEach(({ qkv: toQkv, proj, fc1, fc2 }, index) => {
      const first = 6 * index; // shift, scale, gate of attention, then of the MLP
      norm(first, first + 1);
      machine.run("linear", 3 * panels, ...product(toQkv, normal, qkv, tiles));
      machine.run(
        "attention",
        samples * heads,
        qkv,
        mixed,
        scores,
        sizes.tokens,
        perSample,
        heads,
        D / heads,
      );
      const gated = (gate: number) => [tokens, rows, part(gate), perSample] as const;
      machine.run("linearGated", panels, ...product(proj, mixed, tokens, tiles), ...gated(first + 2));
      norm(first + 3, first + 4);
      machine.run("linearGelu", fc1.outputs / LANES, ...product(fc1, normal, hidden, tiles));
      machine.run("linearGated", panels, ...product(fc2, hidden, tokens, tiles), ...gated(first + 5));
      tell(`tokens_after_block_${index}`, tokens, D);
    });
    norm(6 * depth, 6 * depth + 1);
    const final = runLayer(machine, weights.final, normal, tiles);
    tell("tokens_final", final, sizes.patchOut, weights.final.outputs);
    return this.readVelocities(final, samples, perSample);
  }

  /** Places the tiles of modulations that the samples use. Returns the address of their rows' addresses. */
  private placeModulations(modulations: ModulationTiles, rowOfSample: readonly number[]): number {
    const { machine } = this;
    const tileSize = LANES * this.weights.modulation.outputs;
    const placed = new Map<number, number>();
    const addresses = rowOfSample.map((row) => {
      const tile = Math.floor(row / LANES);
      const known = placed.get(tile);
      const address = known ?? machine.place(modulations.subarray(tile * tileSize, (tile + 1) * tileSize));
      placed.set(tile, address);
      return address + (row % LANES) * 4;
    });
    return machine.placeAddresses(addresses);
  }

  /** Places squares of p×p pixels of x [B,H,W,C] as rows, columns ordered (dy, dx, channel). */
  private placePatches(x: Float32Array, samples: number, perSample: number): number {
    const { machine, weights } = this;
    const { input_size: side, in_channels: channels } = this.config;
    const sampleSize = perSample * LANES * weights.patches.inputs;
    const address = machine.reserve(samples * sampleSize);
    const rows = machine.at(address, samples * sampleSize);
    rows.fill(0); // padding of another width may lie here
    this.forPatches((token, column, pixel) => {
      const at = (token - (token % LANES)) * weights.patches.inputs + (token % LANES);
      for (let sample = 0; sample < samples; sample++) {
        const image = sample * side * side * channels + pixel * channels;
        const row = sample * sampleSize + at + column * channels * LANES;
        for (let channel = 0; channel < channels; channel++) rows[row + channel * LANES] = x[image + channel];
      }
    });
    return address;
  }

  /** Reads velocities [B,H,W,C] from the final layer's rows; a learned variance is left aside. */
  private readVelocities(final: number, samples: number, perSample: number): Float32Array {
    const { machine, weights } = this;
    const { input_size: side, in_channels: channels } = this.config;
    const { outChannels } = ditSizes(this.config);
    const sampleSize = perSample * LANES * weights.final.outputs;
    const rows = machine.at(final, samples * sampleSize);
    const velocity = new Float32Array(samples * side * side * channels);
    this.forPatches((token, column, pixel) => {
      const at = (token - (token % LANES)) * weights.final.outputs + (token % LANES);
      for (let sample = 0; sample < samples; sample++) {
        const image = sample * side * side * channels + pixel * channels;
        const row = sample * sampleSize + at + column * outChannels * LANES;
        for (let channel = 0; channel < channels; channel++)
          velocity[image + channel] = rows[row + channel * LANES];
      }
    });
    return velocity;
  }

  /** Visits every pixel: its token, its place within the patch, its index in the image. */
  private forPatches(visit: (token: number, column: number, pixel: number) => void): void {
    const { input_size: side, patch_size: p } = this.config;
    const grid = side / p;
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++)
        visit(Math.floor(y / p) * grid + Math.floor(x / p), (y % p) * p + (x % p), y * side + x);
    }
  }
}

function concatenated(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
