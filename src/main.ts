import { setFlagsFromString } from "node:v8";

// An agent does next to nothing for hours on every node of a cluster: the code of the engine's compilers would be in
// memory for nothing, and so would more room for young objects. Before anything else is compiled.
const frugal = ["--no-opt", "--no-maglev", "--no-sparkplug", "--semi-space-growth-factor=1"];
if (process.argv[2] === "agent") for (const flag of frugal) setFlagsFromString(flag);
// Unless told the engine lets garbage grow to three times what is in use: with thousands of Nodes in view, of which all
// may change at once, that is a hundred megabytes. Now it may be as much as is in use, for some of a processor's time.
if (process.argv[2] === "coordinator") setFlagsFromString("--heap-growing-percent=100");

const stop = new AbortController();
process.once("SIGTERM", () => stop.abort(new Error("SIGTERM")));
process.once("SIGINT", () => stop.abort(new Error("SIGINT")));

// Whoever reads us may stop reading, as head does; that is no reason to fall over.
for (const output of [process.stdout, process.stderr]) output.on("error", () => undefined);

// A pipe takes 64 KiB at a time, and what still waits for it when we exit is lost. Daemons write nothing there.
const written: Promise<void>[] = [];
const print = (text: string): void => {
  written.push(new Promise((resolve) => process.stdout.write(text, () => resolve())));
};

const { run } = await import("./compose/run.ts");
const exitCode = await run({
  argv: process.argv.slice(2),
  env: process.env,
  program: "kured",
  stdout: print,
  stderr: (text) => void process.stderr.write(text),
  columns: process.stdout.columns,
  signal: stop.signal,
});

await Promise.all(written);
process.exit(exitCode);
