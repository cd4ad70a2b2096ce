import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SimulatedHost } from "../../controlplane/host.ts";

/**
 * A program that starts its arguments in a root file system of their own, as an image has it: the host's /run, and what
 * lies in it, is not there unless `mountsRun` has it at /sentinel. Answers its path; it lies in the host's folder.
 */
export async function containerProgram(
  host: SimulatedHost,
  { mountsRun }: { readonly mountsRun: boolean },
): Promise<string> {
  const root = join(host.folder, "container-root");
  await mkdir(root);
  const program = join(host.folder, "image");
  await writeFile(program, script(root, mountsRun));
  await chmod(program, 0o755);
  return program;
}

function script(root: string, mountsRun: boolean): string {
  return `#!/bin/bash
set -e
root=${root}
mount -t tmpfs -o size=1m tmpfs $root
for path in /*; do
  name=\${path#/}
  if [ $name = run ] || [ $name = var ]; then continue
  elif [ -L $path ]; then cp -d $path $root/
  elif [ -d $path ]; then mkdir $root/$name; mount --rbind $path $root/$name
  fi
done
mkdir -p $root/run/secrets $root/sentinel $root/var
ln -s /run $root/var/run
mount --rbind /run/secrets $root/run/secrets
${mountsRun ? "mount --bind /run $root/sentinel; mount -o remount,bind,ro $root/sentinel" : ""}
exec chroot $root "$@"
`;
}
