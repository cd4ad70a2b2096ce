import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { findHelm } from "../chart/helm.ts";
import { findBuilt, findControlPlane } from "../controlplane/binaries.ts";
import { NODE_PROGRAMS } from "../controlplane/programs/versions.ts";
import { demandMachine, installPackages } from "./prepare/needs.ts";
import { findSystem } from "./prepare/system.ts";
import { rigFolder } from "./place.ts";
import { attachRig, RIG_FILE, rigEnvironment, type RigFile } from "./rig.ts";
import { intoRig, startKeeper, stopKeeper } from "./start.ts";
import type { Machine } from "./switches.ts";

// npm run nodes -- COMMAND: a cluster of machines that really reboot, for people. test/nodes/README.md says how it
// works.

const usage = `npm run nodes -- COMMAND
  prepare              installs Debian's packages that are missing, and builds what the machines run, once
  up [COUNT]           a control plane and COUNT nodes (3), named n1, n2, …
  down                 ends all of it and removes what it wrote
  status               the nodes, and where things are
  run PROGRAM …        runs a program that reaches the cluster: run kubectl get nodes; run bash
  exec NODE PROGRAM …  runs a program on a node, as root
  load FILE            loads an archive of images (docker or OCI) onto every node
  delay NODE SECONDS   every later boot of the node takes so much longer; 0 for none
  hold NODE            the node does not come back from its next reboot, until: release NODE
  crash NODE           cuts the node's power; it stays off until: on NODE
`;

type RigCommand = "load" | "exec" | "delay" | "hold" | "release" | "crash" | "on";

const acts: Readonly<
  Record<Exclude<RigCommand, "load" | "exec">, (machine: Machine, seconds: number) => Promise<void>>
> = {
  delay: (machine, seconds) => machine.delay(seconds),
  hold: (machine) => machine.hold(),
  release: (machine) => machine.release(),
  crash: (machine) => machine.crash(),
  on: (machine) => machine.powerOn(),
};

const stop = new AbortController();
process.once("SIGINT", () => stop.abort(new Error("stopped by SIGINT")));
const { signal } = stop;
const log = (line: string): void => console.log(line);
const folder = rigFolder();
const isInside = process.env["KURED_NODES_INSIDE"] !== undefined;
try {
  process.exitCode = await command(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function command([name = "help", ...rest]: readonly string[]): Promise<number> {
  switch (name) {
    case "prepare":
      return await prepare();
    case "up":
      await up(Number(rest[0] ?? 3));
      return 0;
    case "down":
      await stopKeeper(folder, { log, signal });
      return 0;
    case "status":
      return await runInside(["kubectl", "get", "nodes", "--output=wide"]);
    case "run":
      return await runInside(rest);
    case "load":
    case "exec":
    case "delay":
    case "hold":
    case "release":
    case "crash":
    case "on":
      if (!isInside) return await runInside([process.execPath, import.meta.filename, name, ...rest]);
      return await onRig(name, rest);
    default:
      console.log(usage);
      return name === "help" ? 0 : 2;
  }
}

async function prepare(): Promise<number> {
  await installPackages({ log, signal });
  await findControlPlane({ log, signal });
  await findHelm({ log, signal });
  await findBuilt(NODE_PROGRAMS, { log, signal });
  log(`ready: ${await findSystem({ log, signal })}`);
  return 0;
}

async function up(count: number): Promise<void> {
  await demandMachine();
  if (!Number.isInteger(count) || count < 1 || count > 20) throw new Error("From 1 to 20 nodes");
  await startKeeper(folder, { count, detached: true, log, signal });
  await runInside(["kubectl", "get", "nodes", "--output=wide"]);
  log("npm run nodes -- run kubectl …, npm run nodes -- exec n1 …, npm run nodes -- down");
}

async function onRig(name: RigCommand, [first = "", ...rest]: readonly string[]): Promise<number> {
  const rig = await attachRig(folder, { signal });
  try {
    if (name === "load") {
      await rig.loadImage(first, { as: "loaded" });
      return 0;
    }
    const machine = rig.machine(first);
    if (name === "exec") {
      const end = await machine.exec(rest);
      process.stdout.write(end.stdout);
      process.stderr.write(end.stderr);
      return end.code ?? 1;
    }
    await acts[name](machine, Number(rest[0] ?? 0));
    return 0;
  } finally {
    rig.admin.close();
  }
}

/** Runs a program where the cluster can be reached, with its kubeconfig, and answers its exit code. */
async function runInside(argv: readonly string[]): Promise<number> {
  const [program, ...words] = [...(await intoRig(folder)), ...argv];
  const rigFile = JSON.parse(readFileSync(join(folder, RIG_FILE), "utf8")) as RigFile;
  const env = { ...rigEnvironment(folder, rigFile), KURED_NODES_INSIDE: "yes" };
  const child = spawn(program, words, { stdio: "inherit", env });
  const [code] = (await once(child, "exit")) as [number | null];
  return code ?? 1;
}
