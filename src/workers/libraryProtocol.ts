/** The wire between the page and the library worker, which reads, checks, keeps and writes files of models. Types only.
 *
 *  Every `ask` is answered by exactly one `answered` or `failed` of its id, in the order of asking. The worker holds the last
 *  draft, and no other, until it is kept, discarded, or another is inspected. A worker that is ended forgets it; nothing is
 *  ever kept by halves. */
import type { Manifest } from "#checkpoints/manifest.ts";
import type { Answers, Draft } from "#library/draft.ts";
import type { ExportWish } from "#library/exportWish.ts";
import type { ImportError } from "#library/importError.ts";
import type { LocalModel, LocalModelId } from "#library/localModel.ts";

export type QuestionId = number;

export type Question =
  /** Reads files and checks them. manifest: with the reader's own models; low-rank matrices may be for one of them. */
  | {
      readonly kind: "inspect";
      readonly files: readonly File[];
      readonly manifest: Manifest;
      readonly manifestUrl: string;
    }
  /** Keeps the draft. now: milliseconds since 1970. */
  | { readonly kind: "keep"; readonly answers: Answers; readonly now: number }
  | { readonly kind: "discard" }
  | { readonly kind: "export"; readonly id: LocalModelId; readonly wish: ExportWish };

export type Answer =
  | { readonly kind: "inspect"; readonly draft: Draft }
  | { readonly kind: "keep"; readonly model: LocalModel }
  | { readonly kind: "discard" }
  /** A file for the reader, with its name. */
  | { readonly kind: "export"; readonly name: string; readonly contents: Blob };

export interface LibraryRequest {
  readonly type: "ask";
  readonly id: QuestionId;
  readonly question: Question;
}

export type LibraryReply =
  | { readonly type: "answered"; readonly id: QuestionId; readonly answer: Answer }
  | { readonly type: "failed"; readonly id: QuestionId; readonly error: ImportError };
