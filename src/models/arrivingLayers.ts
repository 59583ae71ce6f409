import { ModelError } from "./modelError.ts";
import type { WeightArray, WeightMap } from "./weights.ts";

const ENDING = /\.(weight|bias)$/;

/** Linear layers of a network, each put where it will be used as soon as its matrix and its bias are there; the values of
 *  what has been placed are not kept. */
export class ArrivingLayers<Layer> {
  private readonly waiting = new Map<string, WeightArray>();
  private readonly placed = new Map<string, Layer>();

  /** `place` is called once for each of `names`. */
  constructor(
    private readonly names: ReadonlySet<string>,
    private readonly place: (name: string, matrix: WeightArray, bias: Float32Array) => Layer,
  ) {}

  /** Takes a weight under its checkpoint name. Throws what `place` throws. */
  offer(name: string, weight: WeightArray): void {
    this.waiting.set(name, weight);
    const layer = name.replace(ENDING, "");
    const [matrix, bias] = [this.waiting.get(`${layer}.weight`), this.waiting.get(`${layer}.bias`)];
    if (!this.names.has(layer) || matrix === undefined || bias === undefined) return;
    this.waiting.delete(`${layer}.weight`);
    this.waiting.delete(`${layer}.bias`);
    this.placed.set(layer, this.place(layer, matrix, bias.values));
  }

  /** A layer that was placed. Throws MissingWeight. */
  layer(name: string): Layer {
    const layer = this.placed.get(name);
    if (layer === undefined) throw new ModelError({ kind: "MissingWeight", name: `${name}.weight` });
    return layer;
  }

  /** Weights that belong to none of the layers. */
  get others(): WeightMap {
    return this.waiting;
  }
}
