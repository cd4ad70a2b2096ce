import { run } from "./compose/run.ts";

const stop = new AbortController();
process.once("SIGTERM", () => stop.abort(new Error("SIGTERM")));
process.once("SIGINT", () => stop.abort(new Error("SIGINT")));

process.exit(
  await run({
    argv: process.argv.slice(2),
    env: process.env,
    program: process.argv[1] ?? "kured",
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
    columns: process.stdout.columns,
    signal: stop.signal,
  }),
);
