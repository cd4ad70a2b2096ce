import { runSimulation } from "./many/simulation.ts";

// npm run sim -- --seeds 1000 --jobs 2 --seed 1: worlds of these seeds; fails when one goes wrong.
process.exitCode = await runSimulation({
  argv: process.argv.slice(2),
  handOn: (news) =>
    new Promise((resolve) => (process.send === undefined ? resolve() : process.send(news, () => resolve()))),
  print: (text) => process.stdout.write(`${text}\n`),
});
process.disconnect?.();
