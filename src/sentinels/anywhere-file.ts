import type { Files } from "../ports/files.ts";
import { fileSentinel } from "./file.ts";
import { hostFileSentinel } from "./host-file.ts";
import type { HostFileParts } from "./host-file.ts";
import { parentOf } from "./path.ts";
import type { Sentinel } from "./sentinel.ts";

/**
 * A file looked for where kured 1.23 looks, in our own file system, and then, unless its folder is mounted there, where
 * kured up to 1.14 looked, on the host. So the manifests of both find it, and neither takes "not mounted" for "no".
 */
export function anywhereFileSentinel(path: string, { commands, files }: HostFileParts): Sentinel {
  const here = fileSentinel(path, { files });
  const host = hostFileSentinel(path, { commands, files });
  return {
    describe: () => here.describe(),
    async check({ signal }) {
      const reading = await here.check({ signal });
      if (reading.need !== "notRequired" || (await isMounted(parentOf(path), files))) return reading;
      return host.check({ signal });
    },
    watch({ changed, signal }) {
      here.watch?.({ changed, signal });
      host.watch?.({ changed, signal });
    },
  };
}

/** Whether a folder, by its real name or this one, lies on anything but the container's own root file system. */
async function isMounted(folder: string, files: Files): Promise<boolean> {
  let mounts: string;
  try {
    mounts = await files.readText("/proc/self/mountinfo");
  } catch {
    return false;
  }
  const points = mounts.split("\n").map((line) => unescape(line.split(" ")[4] ?? "/"));
  return [folder, folder.replace(/^\/var\/run(?=\/|$)/, "/run")].some((name) =>
    points.some((point) => point !== "/" && `${name}/`.startsWith(`${point}/`)),
  );
}

/** Mount points are written with octal escapes for white space and backslash. */
function unescape(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_all, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
