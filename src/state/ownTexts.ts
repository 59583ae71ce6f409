import type { Family, ModelEntry } from "#checkpoints/manifest.ts";
import type { ModelText } from "#checkpoints/modelText.ts";
import { localModelOf } from "#library/localModel.ts";

/** A way to draw with models of the reader's own. */
export interface OwnText {
  /** As links write it. */
  readonly text: ModelText;
  /** By the names that the reader gave. */
  readonly label: string;
}

const isOwn = ({ files }: ModelEntry): boolean => files.some(({ file }) => localModelOf(file) !== null);

/** Every way in which a family's own models can draw: each alone, in the light one's and in the heavy one's place of
 *  coarse-to-fine, after the heavy one where they are smaller, and two of them together, the one with fewer weights first. Models in the latents of another autoencoder
 *  meet their like alone. Pure. */
export function ownTexts(family: Family): readonly OwnText[] {
  const own = family.models.filter(isOwn);
  const alike = (a: ModelEntry, b: ModelEntry | undefined) => !!b && a.autoencoder === b.autoencoder;
  const [light, heavy] = (["light", "heavy"] as const).map((role) =>
    family.models.find((model) => model.role === role),
  );
  const title = ({ title: given, name }: ModelEntry) => given ?? name;
  return [
    ...own.map((one) => ({ text: one.name, label: title(one) })),
    ...own
      .filter((one) => alike(one, heavy))
      .map((one) => ({ text: `c2f:${one.name}`, label: `${title(one)}, then heavy` })),
    ...own
      .filter((one) => alike(one, heavy) && one.parameters < (heavy?.parameters ?? 0))
      .map((one) => ({ text: `c2f:heavy:${one.name}`, label: `heavy, then ${title(one)}` })),
    ...own
      .filter((one) => alike(one, light))
      .map((one) => ({ text: `c2f:light:${one.name}`, label: `light, then ${title(one)}` })),
    ...own.flatMap((first) =>
      own
        .filter((second) => first.parameters < second.parameters && alike(first, second))
        .map((second) => ({
          text: `c2f:${first.name}:${second.name}`,
          label: `${title(first)}, then ${title(second)}`,
        })),
    ),
  ];
}
