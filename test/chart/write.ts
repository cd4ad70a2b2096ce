import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../tools/source.ts";
import { goldens, manifests, manifestText, rendered } from "./renders.ts";

// The second half of npm run chart: what helm makes of the chart, for manifests/ and for the tests to compare with.
const options = { signal: new AbortController().signal };
for (const render of goldens) {
  writeFileSync(join(root, `test/chart/golden/${render.name}.yaml`), await rendered(render, options));
}
for (const manifest of manifests) {
  writeFileSync(join(root, `manifests/${manifest.name}.yaml`), await manifestText(manifest, options));
}
