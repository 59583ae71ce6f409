const OWN = /^[a-z0-9]+(?:-[a-z0-9]+)*-[0-9a-f]{8}$/;

/** Longest name of a reader's own model: words, a hyphen and 8 hex digits of its sha256. */
export const LONGEST_OWN_NAME = 49;

/** Whether a name has the form of a reader's own model's; shipped models have none such. A browser that lacks the model can
 *  then say more than that there is none. */
export const isOwnName = (name: string): boolean => OWN.test(name) && name.length <= LONGEST_OWN_NAME;
