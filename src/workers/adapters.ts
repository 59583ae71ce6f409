/** Vendor, architecture and device as far as the browser tells them. */
export function describeAdapter(info: GPUAdapterInfo): string {
  const words = [info.vendor, info.architecture, info.description || info.device].filter(
    (word) => word !== "",
  );
  return words.length > 0 ? words.join(" ") : "an unnamed adapter";
}

/** Whether an adapter computes on the CPU: browsers mark those, or they are known by name. */
export const adapterKind = (adapter: GPUAdapter): "software" | "hardware" =>
  isSoftware(adapter) ? "software" : "hardware";

const isSoftware = (adapter: GPUAdapter): boolean =>
  ("isFallbackAdapter" in adapter.info && adapter.info.isFallbackAdapter === true) ||
  /swiftshader|llvmpipe|lavapipe|software|basic render/i.test(describeAdapter(adapter.info));
