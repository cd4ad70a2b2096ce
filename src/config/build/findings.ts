import { warn } from "../problems.ts";
import type { Problem, ProblemCode, Warning, WarningCode } from "../problems.ts";

/** Collects what is wrong while settings are made, so that all of it is told at once. */
export class Findings {
  readonly problems: Problem[] = [];
  readonly warnings: Warning[] = [];

  /** `message` is kured's where kured has one, and holds the offending value. */
  refuse(code: ProblemCode, message: string): void {
    this.problems.push({ code, message });
  }

  /** `about` is what the table's sentence is said about, such as a flag and its value. */
  warn(code: WarningCode, about: string): void {
    this.warnings.push(warn(code, about));
  }

  /** A warning that kured has words for. */
  warnInWords(code: WarningCode, message: string): void {
    this.warnings.push({ code, message });
  }
}
