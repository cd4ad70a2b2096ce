import { test } from "node:test";
import { modes, type Mode } from "./one-node.ts";

// `npm run test:full` runs every row of every table of cases; `npm test`, which has five minutes for everything, a
// part.

/** Whether this run is to leave nothing out (`KURED_ROWS=all`, which `npm run test:full` sets). */
const everyRow = process.env["KURED_ROWS"] === "all";

/** The rows of a table that are run: all of them, or in `npm test` the few. */
export function rows<Row>({
  all,
  few,
}: {
  readonly all: readonly Row[];
  readonly few: readonly Row[];
}): readonly Row[] {
  return everyRow ? all : few;
}

/** Registers a case under its mode and title. */
export type AddRow = (title: string, work: () => Promise<void>) => void;

/**
 * Calls `add` for each mode with what registers its cases. Where the rows are the same for both, `npm test` runs few of
 * them: in classic mode the first and every sixth after it, in coordinated mode every sixth, of a shorter table the
 * last.
 */
export function inEachMode(add: (mode: Mode, row: AddRow) => void): void {
  for (const mode of modes) {
    const table: { readonly title: string; readonly work: () => Promise<void> }[] = [];
    add(mode, (title, work) => void table.push({ title, work }));
    const offset = mode === "classic" ? 0 : Math.min(5, table.length - 1);
    for (const [index, { title, work }] of table.entries())
      if (everyRow || index % 6 === offset) test(`${mode}: ${title}`, work);
  }
}
