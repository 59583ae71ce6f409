import { Zip, ZipPassThrough } from "fflate";
import { encodePng } from "#images/png.ts";
import { SETTINGS_KEY, settingsToPngText } from "#images/settings.ts";
import type { FinishedImage } from "./batch.ts";
import { printHash } from "./hash.ts";
import { fileName } from "./names.ts";
import { LARGEST_FILE, restore, settingsOfImage } from "./restore.ts";
import type { Session } from "./session.ts";
import type { GenerateSettings } from "./settings.ts";
import type { Store } from "./store.ts";

/** What leaves the page goes through here. */
export interface PictureHost {
  readonly saveFile: (name: string, contents: Blob) => void;
  readonly copyText: (text: string) => Promise<void>;
  readonly copyImage: (png: Blob) => Promise<void>;
  /** Address of the page without its hash. */
  readonly address: () => string;
  /** Lets frames and input through between two pieces of work. */
  readonly pause: () => Promise<void>;
}

/** What the reader can do with finished pictures, and with files that carry their settings. */
export interface Pictures {
  download(image: FinishedImage): void;
  /** All in one zip, each a PNG with its settings. */
  downloadAll(images: readonly FinishedImage[]): void;
  copyImage(image: FinishedImage): void;
  copyLink(image: FinishedImage): void;
  copyLinkToSettings(settings: GenerateSettings): void;
  /** Takes over everything that made the picture; draws nothing. */
  reuse(image: FinishedImage): void;
  /** Takes the settings out of a PNG and draws them, or says why not. */
  restoreFrom(file: File): void;
}

/** Bytes of the picture with its settings inside. A 64 px picture takes about 3 ms. */
export const pngOf = ({
  pixels,
  settings,
}: Pick<FinishedImage, "pixels" | "settings">): Uint8Array<ArrayBuffer> =>
  encodePng(
    { width: pixels.width, height: pixels.height, data: pixels.rgba.filter((_, i) => i % 4 !== 3) },
    { [SETTINGS_KEY]: settingsToPngText(settings) },
  );

const PNG = { type: "image/png" };

const detailOf = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause));

export function createPictures({ getState: app }: Store, session: Session, host: PictureHost): Pictures {
  const copying = (what: "image" | "link", copied: Promise<void>) => {
    copied.then(
      () => session.notify({ kind: "copied", what }),
      (cause: unknown) => session.notify({ kind: "copy-failed", what, detail: detailOf(cause) }),
    );
  };

  async function zip(images: readonly FinishedImage[]): Promise<Blob> {
    const parts: Uint8Array<ArrayBuffer>[] = [];
    const archive = new Zip((_, chunk) => parts.push(new Uint8Array(chunk)));
    const taken = new Map<string, number>();
    for (const image of images) {
      const name = fileName(image.settings);
      const again = taken.get(name) ?? 0;
      taken.set(name, again + 1);
      const entry = new ZipPassThrough(again === 0 ? name : name.replace(/\.png$/, `-${again + 1}.png`));
      archive.add(entry);
      entry.push(pngOf(image), true);
      await host.pause();
    }
    archive.end();
    return new Blob(parts, { type: "application/zip" });
  }

  async function restoreFrom(file: File): Promise<void> {
    const { manifest } = app().engine;
    if (!manifest) return;
    if (file.size > LARGEST_FILE) {
      session.notify({ kind: "refused", file: file.name, refusal: { kind: "TooLarge", bytes: file.size } });
      return;
    }
    const restored = restore(new Uint8Array(await file.arrayBuffer()), manifest);
    if (!restored.ok) {
      session.notify({ kind: "refused", file: file.name, refusal: restored.error });
      return;
    }
    const { settings, doubts } = restored.value;
    session.open(settings);
    session.notify({ kind: "restored", seed: settings.seed, doubts });
  }

  const linkTo = (settings: GenerateSettings) => `${host.address()}${printHash(settings)}`;

  return {
    download: (image) => host.saveFile(fileName(image.settings), new Blob([pngOf(image)], PNG)),
    downloadAll(images) {
      void zip(images).then((archive) => host.saveFile("steadyflow.zip", archive));
    },
    copyImage: (image) => copying("image", host.copyImage(new Blob([pngOf(image)], PNG))),
    copyLink: (image) => copying("link", host.copyText(linkTo(settingsOfImage(image.settings)))),
    copyLinkToSettings: (settings) => copying("link", host.copyText(linkTo(settings))),
    reuse: (image) => session.changeSettings(settingsOfImage(image.settings)),
    restoreFrom(file) {
      restoreFrom(file).catch((cause: unknown) =>
        session.notify({
          kind: "refused",
          file: file.name,
          refusal: { kind: "Unreadable", detail: detailOf(cause) },
        }),
      );
    },
  };
}
