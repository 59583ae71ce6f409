const BLOCK = 512;

/** One member of a POSIX tar (ustar), header and padded content. Time 0, owner 0, mode 644 and no user name: the same
 *  name and content give the same bytes everywhere. `name` is ASCII of at most 100 characters. POSIX.1-1988, pax(1). */
export function tarMember(name: string, content: Uint8Array): Uint8Array {
  const padded = Math.ceil(content.length / BLOCK) * BLOCK;
  const member = Buffer.alloc(BLOCK + padded);
  const octal = (value: number, at: number, digits: number) =>
    member.write(value.toString(8).padStart(digits, "0"), at, "latin1");
  member.write(name, 0, "latin1");
  octal(0o644, 100, 7);
  octal(0, 108, 7); // owner
  octal(0, 116, 7); // group
  octal(content.length, 124, 11);
  octal(0, 136, 11); // time
  member.fill(0x20, 148, 156); // the checksum counts its own place as spaces
  member.write("0", 156, "latin1"); // an ordinary file
  member.write("ustar\x0000", 257, "latin1");
  octal(
    member.subarray(0, BLOCK).reduce((sum, byte) => sum + byte, 0),
    148,
    6,
  );
  member.set([0, 0x20], 154);
  member.set(content, BLOCK);
  return member;
}

/** What stands after the last member. */
export const TAR_END = new Uint8Array(2 * BLOCK);
