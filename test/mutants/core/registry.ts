import { AssertionError } from "node:assert";

// Stands in for `node:test` in the process that runs mutants: the real one reports to a runner and cannot be begun
// anew for each mutant.

/** A test as a file declared it. */
export interface DeclaredTest {
  readonly name: string;
  readonly run: () => unknown;
}

let declared: DeclaredTest[] = [];

/** Everything that was declared since the last time. */
export function takeDeclared(): readonly DeclaredTest[] {
  const taken = declared;
  declared = [];
  return taken;
}

/** Declares a test. */
export function test(name: string, run: () => unknown): void {
  declared.push({ name, run });
}

/** Declares what is declared inside. */
export function describe(_name: string, declare: () => void): void {
  declare();
}

/** The first line of why a test failed. */
export function failure(error: unknown): string {
  const text = error instanceof AssertionError ? error.message : String(error);
  return text.split("\n")[0] ?? "";
}
