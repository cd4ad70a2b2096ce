import { findControlPlane } from "../binaries.ts";

/** `node test/controlplane/programs/prepare.ts`: has the control plane's programs ready before any suite needs them. */
const { paths, ways, tookMs } = await findControlPlane({
  log: (line) => console.log(line),
  signal: new AbortController().signal,
});
for (const [program, path] of Object.entries(paths))
  console.log(`${program} ${ways[program as keyof typeof ways]} ${path}`);
console.log(`ready after ${Math.round(tookMs / 1000)} s`);
