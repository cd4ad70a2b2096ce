import { readFileSync } from "node:fs";
import { join } from "node:path";
import { agentAttempts } from "./agent-attempts.ts";
import { coordinatorAttempts } from "./coordinator-attempts.ts";
import { kubeletAttempts } from "./kubelet-attempts.ts";
import { accepted, otherAttempts } from "./other-attempts.ts";
import { acceptedLines, refusalLines, type Refusals } from "./table.ts";

/** All that is attempted and refused. */
export const attempts: readonly Refusals[] = [
  ...agentAttempts,
  ...coordinatorAttempts,
  ...kubeletAttempts,
  ...otherAttempts,
];

/** docs/internals/least-privilege.md. */
export const documentPath = join(import.meta.dirname, "../../../docs/internals/least-privilege.md");

/** The document as it is, and as it must be for its tables to be those of the suite. */
export function readDocument(): { readonly text: string; readonly wanted: string } {
  const text = readFileSync(documentPath, "utf8");
  const tables = { attempts: refusalLines(attempts), accepted: acceptedLines(accepted) };
  let wanted = text;
  for (const [name, lines] of Object.entries(tables)) {
    const marks = new RegExp(`<!-- ${name} -->[^]*<!-- /${name} -->`);
    wanted = wanted.replace(marks, () => `<!-- ${name} -->\n\n${lines.join("\n")}\n\n<!-- /${name} -->`);
  }
  return { text, wanted };
}
