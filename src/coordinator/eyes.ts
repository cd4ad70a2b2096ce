import type { Question } from "../core/question.ts";

/** Finds out what `decide` wants to know; what it finds goes into the world. */
export interface Eyes {
  /**
   * Starts looking at whatever is older than asked for, and stops what nobody asks for any more. Answers the
   * monotonic instant at which the first of the questions will need another look.
   */
  look(questions: readonly Question[]): number;
}
