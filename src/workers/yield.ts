const { port1, port2 } = new MessageChannel();
const waiting: (() => void)[] = [];
port1.onmessage = () => {
  waiting.shift()?.();
  if (waiting.length === 0) keepAlive(false);
};
keepAlive(false);

/** In Node an open port keeps the process alive: it may while somebody waits, and must not for ever. */
function keepAlive(alive: boolean): void {
  const method = alive ? "ref" : "unref";
  const port: MessagePort & { ref?(): void; unref?(): void } = port1;
  port[method]?.();
}

/** Lets messages that have arrived (a cancel, a load) be handled, then goes on.
 *  A MessageChannel, because setTimeout clamps at 4 ms and requestAnimationFrame is not there in workers. */
export function yieldToMessages(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    keepAlive(true);
    port2.postMessage(null);
  });
}
