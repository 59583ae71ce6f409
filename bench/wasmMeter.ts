/** Counts WebAssembly memories that are made from now on, by whomever: those that JavaScript makes and those that modules
 *  bring with them. Returns the bytes of all of them. */
export function meterWasm(): () => number {
  const memories = new Set<WebAssembly.Memory>();
  WebAssembly.Memory = new Proxy(WebAssembly.Memory, {
    construct(made, given) {
      const memory: WebAssembly.Memory = Reflect.construct(made, given);
      memories.add(memory);
      return memory;
    },
  });
  const { instantiate } = WebAssembly;
  const note = ({ exports }: WebAssembly.Instance): void => {
    for (const value of Object.values(exports)) if (isMemory(value)) memories.add(value);
  };
  Object.assign(WebAssembly, {
    async instantiate(source: BufferSource | WebAssembly.Module, imports?: WebAssembly.Imports) {
      if (source instanceof WebAssembly.Module) {
        const instance = await instantiate(source, imports);
        note(instance);
        return instance;
      }
      const both = await instantiate(source, imports);
      note(both.instance);
      return both;
    },
  });
  return () => [...memories].reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
}

const isMemory = (value: unknown): value is WebAssembly.Memory =>
  typeof value === "object" && value !== null && "grow" in value && "buffer" in value;
