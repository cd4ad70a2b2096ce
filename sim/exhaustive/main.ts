import { runExhaustive } from "./exhaustive.ts";

// npm run sim:exhaustive -- --jobs 2: every death in small worlds; --smallest as npm test does; --only 3 the third of
// them.
process.exitCode = await runExhaustive({
  argv: process.argv.slice(2),
  handOn: (result) => {
    process.send?.(result, () => process.disconnect?.());
  },
  print: (text) => process.stdout.write(`${text}\n`),
});
