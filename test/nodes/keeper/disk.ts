import { createHash } from "node:crypto";
import { cp, mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Cluster } from "../../controlplane/cluster.ts";
import { kubeconfig } from "../../controlplane/cluster/pki.ts";
import { API_SERVER_ADDRESS, KEEPER_ADDRESS, nodeAddress, podRange } from "./network.ts";

/** Units that start with a machine, and those that have nothing to do in one. */
const ENABLED = ["prepare-machine.service", "containerd.service", "kubelet.service"];
const MASKED = [
  "console-getty.service",
  "getty.target",
  "systemd-networkd.service",
  "systemd-timesyncd.service",
  "apt-daily.timer",
  "apt-daily-upgrade.timer",
  "dpkg-db-backup.timer",
  "e2scrub_all.timer",
  "fstrim.timer",
];

/** Writes what makes one of the machines itself, into the layer above what they have in common. */
export async function writeDisk(
  number: number,
  options: { readonly folder: string; readonly count: number; readonly cluster: Cluster },
): Promise<void> {
  const { folder, cluster } = options;
  const name = `n${number}`;
  const upper = join(folder, "upper");
  await mkdir(upper, { recursive: true });
  await cp(join(import.meta.dirname, "../machine"), upper, { recursive: true });
  const units = join(upper, "etc/systemd/system");
  await mkdir(join(units, "multi-user.target.wants"), { recursive: true });
  for (const unit of ENABLED) await symlink(`../${unit}`, join(units, "multi-user.target.wants", unit));
  for (const unit of MASKED) await symlink("/dev/null", join(units, unit));
  for (const [path, text] of Object.entries({
    ...identity(number, options),
    ...credentials(name, { number, cluster }),
  })) {
    await mkdir(dirname(join(upper, path)), { recursive: true });
    await writeFile(join(upper, path), text);
  }
  await mkdir(join(upper, "etc/kubernetes/kubelet.d"), { recursive: true });
}

function identity(number: number, { count }: { readonly count: number }): Readonly<Record<string, string>> {
  const others = Array.from({ length: count }, (_, index) => index + 1).filter((other) => other !== number);
  const routes = others.map((other) => `${podRange(other)}=${nodeAddress(other)}`).join(" ");
  return {
    "etc/hostname": `n${number}\n`,
    "etc/machine-id": `${createHash("md5").update(`n${number}`).digest("hex")}\n`,
    // Nothing answers there, which is known at once; a name server that is not there would be waited for.
    "etc/resolv.conf": `nameserver ${KEEPER_ADDRESS}\n`,
    "etc/machine.env": [
      `MACHINE_NAME=n${number}`,
      `MACHINE_ADDRESS=${nodeAddress(number)}`,
      `GATEWAY=${KEEPER_ADDRESS}`,
      `ROUTES="${routes}"`,
      "",
    ].join("\n"),
    "etc/cni/net.d/10-pods.conflist": JSON.stringify({
      cniVersion: "1.0.0",
      name: "pods",
      plugins: [
        {
          type: "bridge",
          bridge: "pods",
          isGateway: true,
          hairpinMode: true,
          ipam: { type: "host-local", ranges: [[{ subnet: podRange(number) }]], routes: [{ dst: "0.0.0.0/0" }] },
        },
      ],
    }),
  };
}

/** As `kubeadm join` would leave them. */
function credentials(
  name: string,
  { number, cluster }: { readonly number: number; readonly cluster: Cluster },
): Readonly<Record<string, string>> {
  const { authority, issue } = cluster.pki;
  const kubelet = issue({
    commonName: `system:node:${name}`,
    organizations: ["system:nodes"],
    servesAs: [name, nodeAddress(number)],
  });
  return {
    "etc/kubernetes/pki/ca.crt": authority.certificate,
    "etc/kubernetes/pki/kubelet.crt": kubelet.certificate,
    "etc/kubernetes/pki/kubelet.key": kubelet.key,
    "etc/kubernetes/kubelet.kubeconfig": kubeconfig(kubelet, { server: `https://${API_SERVER_ADDRESS}`, authority }),
  };
}
