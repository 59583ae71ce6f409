// @ts-check
/** One line of what a script is doing. On stderr, since stdout may be a program's data (`npm run -s generate -- --json`).
 *  @param {string} line */
export function say(line) {
  process.stderr.write(`steadyflow: ${line}\n`);
}

/** Duration in words a person reads at a glance: `0.4 s`, `12 s`, `3 min 5 s`.
 *  @param {number} ms
 *  @returns {string} */
export function inWords(ms) {
  const seconds = ms / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
