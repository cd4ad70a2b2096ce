import { parseArgs } from "node:util";
import { benches } from "./benches.ts";
import { renderResult } from "./report/print.ts";
import { describeMachine } from "./stage/machine.ts";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    repeats: { type: "string", default: "3" },
    seconds: { type: "string" },
    sizes: { type: "string" },
    small: { type: "boolean", default: false },
  },
});
const unknown = positionals.filter((name) => !Object.hasOwn(benches, name));
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(", ")}, only ${Object.keys(benches).join(", ")}.`);
  process.exit(2);
}
const { small, repeats, seconds, sizes } = values;
for (const name of positionals.length > 0 ? positionals : Object.keys(benches)) {
  const machine = describeMachine();
  const result = await benches[name]?.({
    small,
    repeats: small ? 1 : Number(repeats),
    ...(seconds !== undefined && { seconds: Number(seconds) }),
    ...(sizes !== undefined && { sizes: sizes.split(",").map(Number) }),
  });
  if (result) console.log(renderResult(name, { ...result, input: [machine, ...result.input] }));
}
