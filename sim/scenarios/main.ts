import { parseArgs } from "node:util";
import { playFile, rewrite, scenarioFiles } from "./files.ts";

// npm run sim:scenarios: plays every scenario and prints what it saw; with --write it goes into the files. Names
// choose.
const { values, positionals } = parseArgs({
  options: { write: { type: "boolean", default: false } },
  allowPositionals: true,
});
const chosen = scenarioFiles().filter(
  ({ name }) => positionals.length === 0 || positionals.some((part) => name.includes(part)),
);
if (chosen.length === 0) process.exitCode = 1;
for (const file of chosen) {
  const played = await playFile(file);
  const faults = played.flatMap(({ mode, faults: found }) => found.map((fault) => `${file.name}, ${mode}: ${fault}`));
  // What must not happen is not written down as what is to happen.
  if (faults.length > 0) process.exitCode = 1;
  else if (values.write) rewrite(file, played);
  const shown = values.write ? [] : played.flatMap(({ mode, transcript }) => [`=== ${mode}\n${transcript}`]);
  process.stdout.write([`${file.name}\n`, ...shown, ...faults.map((fault) => `${fault}\n`)].join(""));
}
