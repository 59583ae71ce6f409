import { testGoldenCases } from "./support.ts";

testGoldenCases("cpu");
