import type { Rule } from "./scenery.ts";
import { writerOf } from "../authors/writer.ts";

/**
 * Rule 11: whoever asks for what it may not have has more in mind than its rights were made for: nothing is ever
 * refused to us.
 */
export const rights: Rule = ({ world }) => ({
  answered: ({ user, method, path, status }) => {
    if (status === 403 && writerOf(user) === "ours") world.break("rule 11", `${user} is refused ${method} ${path}`);
  },
});
