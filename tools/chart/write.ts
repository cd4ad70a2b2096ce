import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../source.ts";
import { generatedChartFiles } from "./generate.ts";

// The first half of npm run chart; the second is test/chart/write.ts, which needs helm.
for (const [path, text] of generatedChartFiles()) writeFileSync(join(root, path), text);
