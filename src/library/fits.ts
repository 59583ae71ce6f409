import { fail, ok, type Result } from "#bytes/result.ts";
import type { Family, Manifest } from "#checkpoints/manifest.ts";
import type { Fit } from "./draft.ts";
import type { ImportError, Latents } from "./importError.ts";
import type { LocalNetwork } from "./localModel.ts";

/** Families in whose latents a network draws and all of whose classes it knows: the one that a file names first.
 *  Errors: NoFamily when no latents are the network's, TooFewClasses when some are. Pure. */
export function fitsOf(
  network: LocalNetwork,
  { families }: Manifest,
  named: { readonly family: string; readonly autoencoder: string | null } | null,
): Result<readonly Fit[], ImportError> {
  const { in_channels: channels, input_size: size } = network.config;
  const known = families.flatMap(latentsOf);
  const same = known.filter((one) => one.channels === channels && one.size === size);
  if (same.length === 0) return fail({ kind: "NoFamily", channels, size, known });
  const classes = classesOf(network);
  const fits = same
    .filter((one) => one.classes <= classes)
    .map(({ family, autoencoder, classes: needed }) => ({
      family,
      autoencoder,
      newClasses: classes - needed,
    }));
  if (fits.length === 0)
    return fail({ kind: "TooFewClasses", family: same[0].family, classes, needed: same[0].classes });
  const isNamed = (fit: Fit) => fit.family === named?.family && fit.autoencoder === named.autoencoder;
  return ok([...fits.filter(isNamed), ...fits.filter((fit) => !isNamed(fit))]);
}

/** Classes that a network knows; the last row of a U-Net's table stands for "no label". */
const classesOf = ({ architecture, config }: LocalNetwork): number =>
  config.num_classes - (architecture === "unet" ? 1 : 0);

function latentsOf(family: Family): Latents[] {
  const own = { name: null, ...family.autoencoder };
  return [own, ...(family.autoencoders ?? [])].map(({ name, config }) => ({
    family: family.name,
    autoencoder: name,
    channels: config.latent_channels,
    size: config.image_size / config.factor,
    classes: family.classes.length,
  }));
}
