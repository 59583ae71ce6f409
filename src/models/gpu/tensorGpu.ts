import { backend, engine, type Tensor, type TensorInfo } from "@tensorflow/tfjs-core";

/** What kernels beside TensorFlow.js's own need of its WebGPU backend. Its types call the encoder private; there is no
 *  other way to record in its order. */
interface TensorBackend {
  readonly device: GPUDevice;
  readonly commandEncoder: GPUCommandEncoder | null;
  readonly tensorMap: { get(dataId: object): { readonly resource?: unknown } };
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
  uploadToGPU(dataId: object): void;
  makeTensorInfo(shape: number[], dtype: "float32" | "int32"): TensorInfo;
  disposeData(dataId: object): boolean;
}
const METHODS = [
  "ensureCommandEncoderReady",
  "endComputePassEncoder",
  "submitQueue",
  "uploadToGPU",
  "makeTensorInfo",
  "disposeData",
];
const isTensorBackend = (found: object): found is TensorBackend =>
  "device" in found &&
  "commandEncoder" in found &&
  "tensorMap" in found &&
  METHODS.every((method) => method in found);

/** The device of TensorFlow.js's backend in use; null where that is not WebGPU as we know it. */
export function tensorDevice(): GPUDevice | null {
  const found = backend();
  return isTensorBackend(found) ? found.device : null;
}

/** The backend in use, for commands of our own between those of TensorFlow.js. */
export interface TensorGpu {
  /** Memory of a tensor of float32 that is on the device. */
  bufferOf(tensor: TensorInfo): GPUBuffer;
  /** Memory for a tensor that TensorFlow.js is to track: the result of a kernel. */
  newInfo(shape: readonly number[]): TensorInfo;
  /** Gives memory of `newInfo` back that no tensor was made of. */
  release(info: TensorInfo): void;
  /** A tensor whose numbers commands are to write, and its memory. The caller disposes it. */
  newTensor(
    shape: readonly number[],
    dtype?: "float32" | "int32",
  ): { readonly tensor: Tensor; readonly buffer: GPUBuffer };
  /** The encoder behind everything that TensorFlow.js has recorded; valid until `submit` or the next op. */
  encoder(): GPUCommandEncoder;
  /** Hands all that has been recorded to the device. */
  submit(): void;
}

/** Throws where TensorFlow.js does not compute on WebGPU. */
export function tensorGpu(): TensorGpu {
  const gpu = backend();
  if (!isTensorBackend(gpu)) throw new Error("TensorFlow.js does not compute on WebGPU");
  const bufferAt = (dataId: object): GPUBuffer => {
    gpu.uploadToGPU(dataId);
    const { resource } = gpu.tensorMap.get(dataId);
    if (!(resource instanceof GPUBuffer)) throw new Error("a tensor has no memory on the device");
    return resource;
  };
  return {
    bufferOf: ({ dataId }) => bufferAt(dataId),
    newInfo: (shape) => gpu.makeTensorInfo([...shape], "float32"),
    release: ({ dataId }) => void gpu.disposeData(dataId),
    newTensor(shape, dtype = "float32") {
      const tensor = engine().makeTensorFromTensorInfo(gpu.makeTensorInfo([...shape], dtype));
      return { tensor, buffer: bufferAt(tensor.dataId) };
    },
    encoder() {
      gpu.endComputePassEncoder();
      gpu.ensureCommandEncoderReady();
      if (gpu.commandEncoder === null) throw new Error("TensorFlow.js has no command encoder");
      return gpu.commandEncoder;
    },
    submit() {
      gpu.endComputePassEncoder();
      gpu.submitQueue();
    },
  };
}
