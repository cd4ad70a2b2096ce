import { after, beforeEach } from "node:test";
import { rigFolder } from "../place.ts";
import { attachRig, type Rig } from "../rig.ts";
import { resetRig } from "./reset.ts";

/**
 * The rig that runs (`npm run test:nodes` starts one, `npm run nodes -- up` too), as new before each test of the file.
 */
export async function suiteRig(): Promise<{ readonly rig: Rig; readonly signal: AbortSignal }> {
  const stop = new AbortController();
  const { signal } = stop;
  const rig = await attachRig(rigFolder(), { signal });
  beforeEach(() => resetRig(rig, { signal }), { timeout: 180_000 });
  after(() => {
    rig.admin.close();
    stop.abort();
  });
  return { rig, signal };
}
