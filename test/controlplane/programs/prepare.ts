import { findHelm } from "../../chart/helm.ts";
import { findControlPlane } from "../binaries.ts";

/**
 * `node test/controlplane/programs/prepare.ts`: has the control plane's programs and helm ready before any suite needs
 * them.
 */
const options = { log: (line: string) => console.log(line), signal: new AbortController().signal };
const { paths, ways, tookMs } = await findControlPlane(options);
for (const [program, path] of Object.entries(paths))
  console.log(`${program} ${ways[program as keyof typeof ways]} ${path}`);
console.log(`ready after ${Math.round(tookMs / 1000)} s`);
console.log(`helm ${await findHelm(options)}`);
