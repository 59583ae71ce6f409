/** An attribute that the classifier reads differently in two pictures; null where it does not belong to the class that
 *  it sees. */
export interface AttributeChange {
  readonly name: string;
  readonly from: string | null;
  readonly to: string | null;
}

/** "micah.hairColor" → "hair color": an attribute belongs to the class that is seen anyway. */
export const attributeName = (head: string): string =>
  head
    .replace(/^.*\./, "")
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase();

/** What the classifier reads differently in a picture than in the one it is compared with, in the classifier's order.
 *  seen, against: a value a head. */
export function attributeChanges(
  seen: readonly (string | null)[],
  against: readonly (string | null)[],
  heads: readonly { readonly name: string }[],
): readonly AttributeChange[] {
  return heads.flatMap(({ name }, i) => {
    const [from, to] = [against[i] ?? null, seen[i] ?? null];
    return from === to ? [] : [{ name: attributeName(name), from, to }];
  });
}

/** Whether a value is a colour that can be shown as one. */
export const isColour = (value: string): boolean => /^#[0-9a-f]{6}$/i.test(value);
