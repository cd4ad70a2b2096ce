import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../source.ts";
import { chartOptions } from "./configuration.ts";
import { valuesSchema } from "./schema.ts";

/** The files of the chart that come from the options table and the version, by their path; nothing is written. */
export function generatedChartFiles(): ReadonlyMap<string, string> {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { readonly version: string };
  const chart = readFileSync(join(root, "chart/Chart.yaml"), "utf8");
  return new Map([
    ["chart/Chart.yaml", chart.replace(/^appVersion: .*$/m, `appVersion: ${version}`)],
    [
      "chart/options.json",
      `[\n${chartOptions()
        .map((option) => `  ${JSON.stringify(option)}`)
        .join(",\n")}\n]\n`,
    ],
    ["chart/values.schema.json", `${JSON.stringify(valuesSchema(), undefined, 2)}\n`],
  ]);
}
