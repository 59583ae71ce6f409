/** How a model leaves. */
export interface ExportWish {
  readonly precision: "F32" | "F16";
  /** `adapter`: the low-rank matrices alone, for whoever has their base. */
  readonly what: "merged" | "adapter";
  /** `weights`: one safetensors file, whose metadata say all that is known. `folder`: a zip of it with config.json and a
   *  model card. */
  readonly files: "weights" | "folder";
}
