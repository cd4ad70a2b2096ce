import { version } from "./version.ts";

console.log(`kured ${version}`);
