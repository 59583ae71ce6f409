const channel = new MessageChannel();
const waiting: (() => void)[] = [];
channel.port1.onmessage = () => waiting.shift()?.();
// In Node an open port would keep the process alive.
if ("unref" in channel.port1 && typeof channel.port1.unref === "function") channel.port1.unref();

/** Lets messages that have arrived (a cancel, a load) be handled, then goes on.
 *  A MessageChannel, because setTimeout clamps at 4 ms and requestAnimationFrame is not there in workers. */
export function yieldToMessages(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    channel.port2.postMessage(null);
  });
}
