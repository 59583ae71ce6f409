import { testGoldenCases } from "./support.ts";

testGoldenCases("wasm");
