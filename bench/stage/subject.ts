import { access } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** A kured-compatible program that is measured. */
export interface Subject {
  readonly which: "ours" | "other";
  /** Full path. */
  readonly program: string;
}

/** Our own build, and beside it what `KURED_BIN` names. Rejects with an Error that says how to build ours. */
export async function findSubjects(): Promise<readonly [Subject, ...Subject[]]> {
  const program = fileURLToPath(new URL("../../dist/kured", import.meta.url));
  await access(program).catch(() => {
    throw new Error(`${program} is not there; build it first: npm run build -- --node-only`);
  });
  const given = process.env["KURED_BIN"];
  const other = given === undefined || given === "" ? undefined : resolve(given);
  const ours = { which: "ours", program } as const;
  return other === undefined || other === program ? [ours] : [ours, { which: "other", program: other }];
}
