import type { SpokenLine } from "../voice.ts";
import { summaryLines, type Screen } from "./screen.ts";

/** Plain lines: for a file, a pipe, or somebody who likes to scroll. */
export function plainScreen({ write }: { readonly write: (text: string) => void }): Screen {
  const beganMs = Date.now();
  const at = () => `${((Date.now() - beganMs) / 1000).toFixed(1).padStart(5)} s`;
  return {
    begin: ({ nodes }) => {
      write(`${at()}  A cluster of ${nodes.length} nodes in 3 zones is up, with an API server on real HTTPS,\n`);
      write("         an agent on every node and two coordinators. Some nodes will now need a reboot.\n");
    },
    line: (line) => {
      const text = worthTelling(line);
      if (text !== undefined) write(`${at()}  ${text}\n`);
    },
    trouble: (text) => write(`${at()}  ! ${text}\n`),
    summary: (findings) => {
      for (const text of summaryLines(findings, (Date.now() - beganMs) / 1000)) write(`${at()}  ${text}\n`);
    },
    end: () => undefined,
  };
}

/** Verdicts with their reasons, and what is done about them; not what every daemon says when it starts. */
export function worthTelling({ speaker, message, fields, level }: SpokenLine): string | undefined {
  const { node, code } = fields;
  if (level === "debug" || code === "NotRequired" || code === "AgentMissing") return undefined;
  if (code !== undefined) return `${String(node)}  [${String(code)}] ${message.slice(String(node).length + 2)}`;
  if (node !== undefined) return `${String(node)}  ${message}`;
  if (speaker.startsWith("coordinator") && /lease|lead/i.test(message)) return `${speaker}  ${message}`;
  return undefined;
}
