import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { findBuilt } from "../../controlplane/binaries.ts";
import { startCluster } from "../../controlplane/cluster.ts";
import { NODE_PROGRAMS } from "../../controlplane/programs/versions.ts";
import { findSystem } from "../prepare/system.ts";
import { writeWorkloadImage } from "../prepare/workload.ts";
import { attachRig, RIG_FILE, type RigFile } from "../rig.ts";
import { writeDisk } from "./disk.ts";
import { runMachine } from "./machine.ts";
import { API_SERVER_ADDRESS, createNetwork } from "./network.ts";

// `node test/nodes/keeper/main.ts FOLDER COUNT`, in namespaces of its own (../start.ts), is a rig: control plane and
// machines live as long as this process. `rig.json` in FOLDER is there once all nodes are Ready.

const [folder = "", count = "3"] = process.argv.slice(2);
const stop = new AbortController();
for (const name of ["SIGTERM", "SIGINT"] as const)
  process.once(name, () => stop.abort(new Error(`stopped by ${name}`)));
await keep(folder, Number(count)).catch((error: unknown) => {
  if (stop.signal.aborted) return;
  console.error(error);
  process.exitCode = 1;
});

async function keep(folder: string, count: number): Promise<void> {
  const startedMs = Date.now();
  const { signal } = stop;
  const log = (line: string): void => console.log(line);
  await createNetwork(count, { signal });
  const images = join(folder, "images");
  await mkdir(images, { recursive: true });
  const [system, programs, cluster] = await Promise.all([
    findSystem({ log, signal }),
    findBuilt(NODE_PROGRAMS, { log, signal }),
    // A machine that is gone is NotReady after 12 s here, not after 50 s.
    startCluster({
      signal,
      log,
      features: { machinesReachItAt: API_SERVER_ADDRESS, nodeMonitorGraceSeconds: 12 },
    }),
    writeWorkloadImage(join(images, "workload.tar"), { signal }),
  ]);
  const machines: Promise<void>[] = [];
  try {
    for (let number = 1; number <= count; number++) {
      const own = join(folder, "nodes", `n${number}`);
      await writeDisk(number, { folder: own, count, cluster });
      const machine = runMachine({
        name: `n${number}`,
        folder: own,
        system,
        programs: Object.values(programs),
        images,
        signal,
      });
      machine.catch((error: unknown) => stop.abort(error)); // All of the rig or nothing.
      machines.push(machine);
    }
    const { server, kubeconfig } = cluster;
    const rigFile: RigFile = {
      server,
      kubeconfig,
      nodes: machines.map((_, index) => `n${index + 1}`),
      programs: dirname(cluster.programs.paths.kubectl),
    };
    await writeFile(join(folder, `${RIG_FILE}.new`), JSON.stringify(rigFile, undefined, 2));
    const rig = await attachRig(folder, { signal, file: `${RIG_FILE}.new` });
    await rig.untilReady({ timeoutMs: 120_000 });
    await rename(join(folder, `${RIG_FILE}.new`), join(folder, RIG_FILE));
    log(`${count} nodes are Ready after ${Math.round((Date.now() - startedMs) / 100) / 10} s`);
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  } finally {
    stop.abort();
    await Promise.allSettled(machines);
    await cluster.stop();
  }
}
