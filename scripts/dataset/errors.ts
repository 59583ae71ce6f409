/** What can keep a data set from being drawn, other than a mistake of ours. */
export type DatasetError =
  | { readonly kind: "BadArguments"; readonly detail: string }
  | { readonly kind: "AnotherDataset"; readonly folder: string; readonly differences: readonly string[] }
  | { readonly kind: "FolderNotEmpty"; readonly folder: string; readonly file: string }
  | { readonly kind: "FolderInUse"; readonly folder: string; readonly pid: number; readonly lock: string }
  | { readonly kind: "UnreadableState"; readonly file: string; readonly detail: string }
  | { readonly kind: "TarTooLarge"; readonly file: string; readonly bytes: number; readonly limit: number }
  | {
      readonly kind: "DrawnDifferently";
      readonly file: string;
      readonly expected: string;
      readonly drawn: string;
    }
  | { readonly kind: "DiskFull"; readonly path: string }
  | { readonly kind: "NoPermission"; readonly path: string }
  | { readonly kind: "NotAFolder"; readonly path: string }
  | { readonly kind: "FileSystem"; readonly path: string; readonly detail: string };

/** An error on its way to the command line. */
export class DatasetFailure extends Error {
  override readonly name = "DatasetFailure";
  constructor(readonly error: DatasetError) {
    super(describe(error));
  }
}

/** One sentence that says what happened and what to do. */
export function describe(error: DatasetError): string {
  switch (error.kind) {
    case "BadArguments":
      return `${error.detail} (see --help)`;
    case "AnotherDataset":
      return `${error.folder} holds another data set (${error.differences.join("; ")}). Nothing was changed: choose another folder for --out.`;
    case "FolderNotEmpty":
      return `${error.folder} holds other things, for instance ${error.file}. Nothing was changed: choose an empty or new folder for --out.`;
    case "FolderInUse":
      return `Process ${error.pid} is drawing into ${error.folder} already. Wait for it or end it; if that process is something else, remove ${error.lock}.`;
    case "UnreadableState":
      return `${error.file} cannot be read (${error.detail}). Nothing was changed: choose another folder for --out, or remove this one.`;
    case "TarTooLarge":
      return `${error.file} would have ${error.bytes} bytes, and ${error.limit} is the most: ask for a smaller --per-tar.`;
    case "DrawnDifferently":
      return `${error.file} came out with other pixels than dataset.json says (sha256 ${error.drawn.slice(0, 12)}… instead of ${error.expected.slice(0, 12)}…): this machine draws differently. Draw the whole set anew in another folder.`;
    case "DiskFull":
      return `The disk is full at ${error.path}. What is finished stays: make room and run the same command again.`;
    case "NoPermission":
      return `There is no permission to write ${error.path}: choose another folder for --out.`;
    case "NotAFolder":
      return `${error.path} cannot be a folder, since there is a file of that name or above it: choose another folder for --out.`;
    case "FileSystem":
      return `${error.path}: ${error.detail}`;
  }
}

/** The failure behind an exception of node:fs on `path`. */
export function fileFailure(path: string, cause: unknown): DatasetFailure {
  if (cause instanceof DatasetFailure) return cause;
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "ENOSPC" || code === "EDQUOT") return new DatasetFailure({ kind: "DiskFull", path });
  if (code === "EACCES" || code === "EPERM" || code === "EROFS")
    return new DatasetFailure({ kind: "NoPermission", path });
  if (code === "ENOTDIR" || code === "EEXIST") return new DatasetFailure({ kind: "NotAFolder", path });
  return new DatasetFailure({
    kind: "FileSystem",
    path,
    detail: cause instanceof Error ? cause.message : String(cause),
  });
}
