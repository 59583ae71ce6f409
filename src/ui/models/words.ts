import type { ImportError, Latents } from "#library/importError.ts";
import type { LibraryError } from "#library/localModels.ts";
import type { Trouble } from "#state/library/shelf.ts";
import { bytesText, countText } from "#ui/shared/format.ts";

/** Names that are listed below an explanation. */
export interface NameList {
  readonly title: string;
  readonly names: readonly string[];
}

/** Why files did not become a model, as the reader sees it. */
export interface ImportWords {
  readonly title: string;
  readonly text: string;
  readonly lists: readonly NameList[];
}

const plain = (title: string, text: string): ImportWords => ({ title, text, lists: [] });

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

const shape = (sizes: readonly number[]) => `[${sizes.join(", ")}]`;

const latentsText = ({ family, autoencoder, channels, size }: Latents): string =>
  `${channels} × ${size} × ${size} in ${family}${autoencoder ? ` (autoencoder ${autoencoder})` : ""}`;

/** Every way in which files are refused, in words. */
export function importWords(error: ImportError): ImportWords {
  switch (error.kind) {
    case "NothingToRead":
      return plain(
        "No model among these files",
        `A model is a .safetensors file, the numbered parts of one, a PyTorch checkpoint (.pt), or a zip of these. Chosen: ${error.files.join(", ")}.`,
      );
    case "TooLarge":
      return plain(
        "Too large to be read here",
        `Up to ${error.file} the files have ${bytesText(error.bytes)}; ${bytesText(error.limitBytes)} is the most that a browser can be trusted with. A checkpoint shrinks to a quarter when only its averaged weights are saved.`,
      );
    case "SeveralModels":
      return plain(
        "More than one model",
        `${error.files.join(", ")} are not parts of one model. Import them one after the other.`,
      );
    case "Unreadable":
      return plain(`${error.file} cannot be read`, error.detail);
    case "ShardsDoNotFit":
      return plain("The parts do not make a whole", `${error.detail} Choose all parts together.`);
    case "BadDescription":
      return plain(`What ${error.file} says of its model cannot be used`, sentence(error.detail));
    case "UnknownNetwork":
      return {
        ...(error.looksLike === "autoencoder"
          ? plain(
              "This is an autoencoder",
              "Here a model that draws in the latents of an autoencoder can be imported, not the autoencoder itself.",
            )
          : plain(
              "Not a network that this page knows",
              "It knows DiTs with the names of the official checkpoints, and the U-Nets of the paper. None of their layers is here.",
            )),
        lists: [{ title: `The first of ${countText(error.tensors, "tensor")}`, names: error.names }],
      };
    case "ImpossibleConfig":
      return plain("No network can have these sizes", error.detail);
    case "WeightsDoNotFit":
      return mismatchWords(error);
    case "PositionTableDiffers":
      return plain(
        "Another kind of position table",
        `The table pos_embed differs from the fixed one by up to ${error.largestDifference.toPrecision(3)}, where ${error.limit.toPrecision(3)} is rounding: the file belongs to another kind of DiT.`,
      );
    case "NoFamily":
      return plain(
        "No autoencoder here has these latents",
        `The model draws latents of ${error.channels} × ${error.size} × ${error.size}. There are ${error.known.map(latentsText).join("; ")}.`,
      );
    case "TooFewClasses":
      return plain(
        "The model knows too few classes",
        `It knows ${error.classes}; a model of ${error.family} is asked for ${error.needed}.`,
      );
    case "BaseMissing":
      return plain(
        `These matrices belong to ${error.base}, which cannot be had here`,
        `${error.detail} Low-rank matrices say how one model is changed and mean nothing without it.`,
      );
    case "AlreadyHere":
      return plain("This model is here already", `It is called “${error.name}”. Nothing was added.`);
    case "BadAnswer":
      return plain("Something is missing", error.detail);
    case "NothingRead":
      return plain("The files have been let go", "Choose them again.");
    case "NotKept":
      return plain("The model was not kept", libraryErrorText(error.error));
    case "NotFound":
      return plain("The model is gone", "It was deleted meanwhile, in another tab perhaps.");
    case "Cancelled":
      return plain("Cancelled", "Nothing was added.");
    case "Internal":
      return plain("Something broke while the files were read", sentence(error.detail));
    default:
      return error satisfies never;
  }
}

/** What is missing, misshapen, broken or too much, name by name. */
function mismatchWords({
  network,
  difference,
}: Extract<ImportError, { kind: "WeightsDoNotFit" }>): ImportWords {
  const { missing, misshapen, nonFinite, unexpected } = difference;
  const lists: NameList[] = [
    { title: `Missing (${missing.length})`, names: missing },
    {
      title: `Of another shape (${misshapen.length})`,
      names: misshapen.map(
        ({ name, expected, actual }) => `${name} is ${shape(actual)}, expected ${shape(expected)}`,
      ),
    },
    {
      title: `With numbers that are none (${nonFinite.length})`,
      names: nonFinite.map(({ name, count }) => `${name}: ${countText(count, "value")}`),
    },
    { title: `Not part of this network (${unexpected.length})`, names: unexpected },
  ];
  return {
    title: "The weights do not fit the network",
    text: `They were measured against: ${network}.`,
    lists: lists.filter(({ names }) => names.length > 0),
  };
}

/** Why the browser does not keep models, in words. */
export function libraryErrorText(error: LibraryError): string {
  switch (error.kind) {
    case "Full":
      return "This browser's storage is full. Deleting downloaded weights or another model makes room.";
    case "Unavailable":
      return "This browser does not let the page keep anything; a private window or blocked site data is the usual reason.";
    default:
      return error satisfies never;
  }
}

export function troubleText(trouble: Trouble): string {
  switch (trouble.kind) {
    case "not-changed":
      return libraryErrorText(trouble.error);
    case "not-exported": {
      const { title, text } = importWords(trouble.error);
      return `${trouble.name} was not exported. ${title}: ${text}`;
    }
    case "not-deleted":
      return `The downloads could not be deleted (${trouble.detail}).`;
    default:
      return trouble satisfies never;
  }
}
