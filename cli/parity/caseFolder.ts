/** A folder of golden cases. Node reads one from the disk; a browser test can hand in fetched files. */
export interface CaseFolder {
  /** Names of the files directly in the folder. */
  readonly files: readonly string[];
  /** Bytes of a file of the folder; rejects when there is none of that name. */
  read(name: string): Promise<Uint8Array>;
}
