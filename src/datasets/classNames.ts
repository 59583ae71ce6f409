/** The folder of a path; "" for none. */
export const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf("/")));

/** A class name for each folder that holds images: its path without the folders that all of them share, so that
 *  set/train/cats and set/train/dogs are cats and dogs, while cats and cats/small keep their names. The place outside of all
 *  folders is called by `otherwise`. Two folders never get one name. */
export function classNames(folders: readonly string[], otherwise: string): string[] {
  const parts = folders.map((folder) => folder.split("/").filter((part) => part !== ""));
  const shortest = parts.reduce((least, { length }) => Math.min(least, length), Number.MAX_SAFE_INTEGER);
  const most = parts.length === 0 ? 0 : shortest - 1; // each keeps its last part
  let shared = 0;
  while (shared < most && parts.every((path) => path[shared] === parts[0][shared])) shared++;
  const names = parts.map((path) => path.slice(shared).join("/"));
  const outside = names.includes(otherwise) ? `${otherwise} (no folder)` : otherwise;
  return names.map((name) => name || outside);
}
