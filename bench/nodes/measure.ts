import { rigFolder } from "../../test/nodes/place.ts";
import { attachRig } from "../../test/nodes/rig.ts";
import { install, type Mode } from "../../test/nodes/stand/install.ts";
import { bootIds, requireReboot, untilRebooted } from "../../test/nodes/stand/reboots.ts";
import { resetRig } from "../../test/nodes/stand/reset.ts";
import { startApplication } from "../../test/nodes/stand/workload.ts";

// node bench/nodes/measure.ts MODE GRACE, in a rig: prints how many seconds the roll-out took.

const [mode = "coordinated", grace = "30"] = process.argv.slice(2);
const { signal } = new AbortController();
const rig = await attachRig(rigFolder(), { signal });
await resetRig(rig, { signal });
await install(rig, { mode: mode as Mode, set: { "configuration.period": "30s" }, signal });
await startApplication(rig, { replicas: 6, endsAfter: "never", grace: Number(grace), signal });
const before = await bootIds(rig);
await requireReboot(rig);
const startedMs = performance.now();
await untilRebooted(rig, { before, timeoutMs: 600_000, signal });
console.log(((performance.now() - startedMs) / 1000).toFixed(1));
rig.admin.close();
