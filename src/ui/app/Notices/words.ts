import { isOwnName } from "#checkpoints/ownName.ts";
import { BACKENDS } from "#state/backendWish.ts";
import type { HashProblem } from "#state/hash.ts";
import type { NoticeContent } from "#state/notices.ts";
import type { Doubt, Refusal } from "#state/restore.ts";
import { galleryErrorText } from "#ui/gallery/words.ts";
import { partName } from "#ui/shared/errorWords.ts";
import { bytesText, countText } from "#ui/shared/format.ts";
import { SWITCHES } from "#workers/kernelNames.ts";
import type { EngineWarning } from "#workers/protocol.ts";

/** Why a file was refused, in words. */
export function refusalText(refusal: Refusal): string {
  switch (refusal.kind) {
    case "NotPng":
    case "PngDamaged":
    case "NoSettings":
    case "NewerVersion":
    case "SettingsDamaged":
      return refusal.message;
    case "UnknownFamily":
      return `It was drawn by the family “${refusal.family}”, which is not installed here (installed: ${refusal.known.join(", ")}).`;
    case "UnknownModel":
      return refusal.reason;
    case "TooLarge":
      return `It has ${bytesText(refusal.bytes)}; a picture made here has some kilobytes.`;
    case "Unreadable":
      return `The browser could not read it (${refusal.detail}).`;
    default:
      return refusal satisfies never;
  }
}

function doubtText(doubt: Doubt): string {
  switch (doubt.kind) {
    case "OtherWeights":
      return `It was drawn with another ${doubt.parts.map(partName).join(" and ")}, so it may look different here.`;
    case "OtherClass":
      return `Its class was called “${doubt.was}”; here that number is “${doubt.is}”.`;
    default:
      return doubt satisfies never;
  }
}

function cacheText(warning: EngineWarning): string {
  switch (warning.kind) {
    case "CacheUnavailable":
      return `This browser keeps no downloads here (${warning.detail}), so the models are fetched again on every visit. A private window or blocked site data is the usual reason.`;
    case "NotCached":
      return `The disk had no room to keep ${warning.file} (${warning.detail}). It works now and is fetched again next time; free some space to keep it.`;
    case "CacheCorrupt":
      return `The kept copy of ${warning.file} was damaged and has been fetched again.`;
    case "OwnModelsUnavailable":
      return `This browser keeps nothing here (${warning.detail}), so models of your own cannot be used. A private window or blocked site data is the usual reason.`;
    default:
      return warning satisfies never;
  }
}

/** Said first when a link names a model of somebody's own that is not here; empty otherwise. */
function lackedText(problems: readonly HashProblem[]): string {
  const lacked = problems
    .filter(({ key }) => key === "model")
    .flatMap(({ text }) => text.split(":").filter(isOwnName));
  if (lacked.length === 0) return "";
  return `The link needs ${lacked.join(" and ")}, a model of somebody's own that this browser does not have; ask them for the exported file and import it on the Models page. `;
}

function problemText({ key, text, excess }: HashProblem): string {
  const said = `${key}=${text}`;
  return excess ? `${said} (${excess.count} ${excess.of}; ${excess.max} are the most)` : said;
}

/** A message in words; bad ones stay until they are closed. */
export function noticeWords(notice: NoticeContent): { readonly text: string; readonly bad: boolean } {
  switch (notice.kind) {
    case "link-problems":
      return {
        text: `${lackedText(notice.problems)}The link said ${notice.problems.map(problemText).join(", ")}, which means nothing here; the usual value was used instead.`,
        bad: true,
      };
    case "unknown-backend":
      return {
        text: `The address asks for the backend “${notice.text}”, which does not exist. There are ${BACKENDS.join(", ")}; the engine chose by itself.`,
        bad: true,
      };
    case "unknown-kernels":
      return {
        text: `The address says “${notice.text}” of kernels, which means nothing. It can be plain, or a list of what to switch off, each with a minus before it: on WebGPU ${SWITCHES.webgpu.join(", ")}; on WebAssembly ${SWITCHES.wasm.join(", ")}. What means nothing was left out.`,
        bad: true,
      };
    case "restored":
      return {
        text: [`Settings of seed ${notice.seed} restored.`, ...notice.doubts.map(doubtText)].join(" "),
        bad: notice.doubts.length > 0,
      };
    case "refused":
      return { text: `${notice.file} was not taken. ${refusalText(notice.refusal)}`, bad: true };
    case "copied":
      return { text: notice.what === "image" ? "Image copied." : "Link copied.", bad: false };
    case "copy-failed":
      return { text: `The ${notice.what} could not be copied: ${notice.detail}`, bad: true };
    case "export-failed":
      return { text: `The ${notice.what} could not be made: ${notice.detail}`, bad: true };
    case "removed":
      return { text: `${countText(Math.max(1, notice.entries.length), "image")} deleted.`, bad: false };
    case "weights-cache":
      return { text: cacheText(notice.warning), bad: notice.warning.kind !== "CacheCorrupt" };
    case "gallery-failed":
      return { text: galleryErrorText(notice.error), bad: true };
    case "comparisons-failed":
      return {
        text:
          notice.error.kind === "Full"
            ? "This browser's disk is full, so the comparison was not saved. Its link holds all of it."
            : "This browser keeps nothing here, so comparisons cannot be saved. Their links hold all of them.",
        bad: true,
      };
    case "everything-deleted":
      return { text: "Gallery, data sets, models and choices are deleted from this browser.", bad: false };
    case "deletion-refused":
      return {
        text: "This browser did not let the page delete everything. Its own settings can: delete the data of this site there.",
        bad: true,
      };
    default:
      return notice satisfies never;
  }
}
