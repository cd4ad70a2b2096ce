import type { Files } from "../ports/files.ts";
import { parentOf } from "./path.ts";
import type { Sentinel, SentinelReading } from "./sentinel.ts";

/** A file that this process sees itself: any kind of file counts, links are followed (kured 1.23). */
export function fileSentinel(path: string, { files }: { readonly files: Files }): Sentinel {
  return {
    describe: () => `Sentinel checker is (unprivileged) testing for the presence of: ${path}`,
    async check({ signal }) {
      const reading = await look(path, files);
      signal.throwIfAborted();
      return reading;
    },
    watch: ({ changed, signal }) => files.watch(path, { changed, signal }),
  };
}

async function look(path: string, files: Files): Promise<SentinelReading> {
  const found = await files.look(path);
  switch (found.kind) {
    case "present":
      return { need: "required", evidence: `${path} exists`, log: [] };
    case "absent":
      return absent(path, files);
    case "unreadable": {
      const evidence = `${path} cannot be seen: ${found.reason}`;
      return { need: "unknown", evidence, log: [{ level: "warning", message: `Sentinel ${evidence}` }] };
    }
  }
}

/** No reboot is required; but where not even the folder exists, a mount may have been forgotten. */
async function absent(path: string, files: Files): Promise<SentinelReading> {
  const folder = parentOf(path);
  if ((await files.look(folder)).kind !== "absent") {
    return { need: "notRequired", evidence: `${path} does not exist`, log: [] };
  }
  const evidence = `${path} does not exist, nor does its folder ${folder}: is the host's folder mounted there?`;
  return { need: "notRequired", evidence, log: [{ level: "warning", message: `Sentinel ${evidence}` }] };
}
