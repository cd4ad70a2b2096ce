import { runDemo } from "./run.ts";
import { plainScreen } from "./screen/plain.ts";
import { tableScreen } from "./screen/table.ts";

// npm start: the main job on an embedded cluster. On a terminal a live table that can be played with until Ctrl-C;
// elsewhere plain lines, and an end by itself with 0 only if every node was rebooted and nothing was left behind.

const stop = new AbortController();
const interactive = process.stdout.isTTY === true && process.stdin.isTTY === true;
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stop.abort(new Error(name)));

const write = (text: string) => void process.stdout.write(text);
const screen = interactive
  ? tableScreen({
      write,
      stdin: process.stdin,
      columns: () => process.stdout.columns,
      stop: () => stop.abort(new Error("quit")),
    })
  : plainScreen({ write });

process.exit(await runDemo({ screen, stays: interactive, signal: stop.signal }));
