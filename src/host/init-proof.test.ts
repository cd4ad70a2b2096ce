import assert from "node:assert/strict";
import { test } from "node:test";
import { initIsTheNodes } from "./init-proof.ts";

const pod = "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod1f2e.slice";

const cases: readonly (readonly [string, boolean, own: string, init: string])[] = [
  ["hostPID, cgroup namespace of its own", true, "0::/\n", "0::/../../../../init.scope\n"],
  ["hostPID, privileged and so without one", true, `0::${pod}/cri-containerd-aa.scope\n`, "0::/init.scope\n"],
  ["hostPID, guaranteed pod, cgroupfs driver", true, "0::/\n", "0::/../../..\n"],
  ["hostPID in a node that is a container", true, "0::/\n", "0::/../../../../../init.scope\n"],
  ["hostPID, in a cgroup below the namespace's root", true, "0::/container\n", "0::/../../../init.scope\n"],
  ["the pod's own pause container, from below", false, "0::/container\n", "0::/../cri-containerd-bb.scope\n"],
  [
    "hostPID, cgroup v1",
    true,
    "9:pids:/kubepods/burstable/pod1f2e/aa\n1:name=systemd:/kubepods/burstable/pod1f2e/aa\n0::/\n",
    "9:pids:/init.scope\n1:name=systemd:/init.scope\n0::/\n",
  ],
  ["a PID namespace of its own", false, "0::/\n", "0::/\n"],
  ["a PID namespace of its own, without a cgroup namespace", false, `0::${pod}/a.scope\n`, `0::${pod}/a.scope\n`],
  ["the pod's own pause container", false, "0::/\n", "0::/../cri-containerd-bb.scope\n"],
  ["the pod's own pause container one cgroup deeper", false, "0::/\n", "0::/../../crio-bb.scope/container\n"],
  ["the pod's own pause container, seen whole", false, `0::${pod}/aa.scope\n`, `0::${pod}/bb.scope\n`],
  ["no container at all, both in the root", false, "9:pids:/\n0::/\n", "9:pids:/\n0::/\n"],
  ["nothing readable", false, "", ""],
];

for (const [name, proven, own, init] of cases) {
  test(`PID 1 is ${proven ? "" : "not "}proven to be the node's: ${name}`, () => {
    assert.equal(initIsTheNodes(own, init), proven);
  });
}
