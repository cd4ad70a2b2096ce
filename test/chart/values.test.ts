import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import { parseArguments } from "../../src/config/parse-arguments.ts";
import { root } from "../../tools/source.ts";
import type { KubeObject } from "../controlplane/resources.ts";
import { at, classic, objectsIn, rendered } from "./renders.ts";
import { argumentsOf2_2_0, argumentsOf6_1_0, objectsOf2_2_0, objectsOf6_1_0 } from "./values/rows.ts";
import type { ArgumentRow, ValueRow } from "./values/rows.ts";

const { signal } = new AbortController();

interface Chart {
  readonly version: string;
  readonly release: string;
  readonly objects: readonly ValueRow[];
  readonly args: readonly ArgumentRow[];
  /** Values that are found again in an argument or an object of another row, or that leave no trace if they are off. */
  readonly elsewhere: readonly string[];
  /** What helm renders of itself, whatever the values. */
  readonly own: readonly string[];
  /** In coordinated mode. */
  readonly lease: string;
}

const charts: readonly Chart[] = [
  {
    version: "6.1.0",
    release: "kured",
    objects: objectsOf6_1_0,
    args: argumentsOf6_1_0,
    elsewhere: [],
    lease: "--lease-name=rebooter",
    own: [
      ...["--ds-name=rebooter", "--ds-namespace=kured"],
      ...["--drain-grace-period=0", "--force-reboot=false", "--lock-ttl=2h", "--skip-wait-for-delete-timeout=2000000"],
    ],
  },
  {
    version: "2.2.0",
    release: "my-release",
    objects: objectsOf2_2_0,
    args: argumentsOf2_2_0,
    lease: "--lease-name=my-release-kured",
    elsewhere: [
      ...["image.repository", "image.pullPolicy", "image.pullSecrets", "extraArgs", "resources", "affinity"],
      ...[
        "rbac.create",
        "serviceAccount.create",
        "podSecurityPolicy.create",
        "priorityClassName",
        "metrics",
        "service",
      ],
    ],
    own: [
      ...["--ds-name=my-release-kured", "--ds-namespace=kured", "--metrics-port=8080"],
      ...["--reboot-command=/bin/systemctl reboot", "--log-format=text", "--concurrency=1"],
    ],
  },
];

for (const chart of charts) {
  const file = `test/chart/values/chart-${chart.version}.yaml`;
  const render = { name: file, release: chart.release, namespace: "kured" };
  const old = ["--values", file, "--api-versions", "policy/v1beta1/PodSecurityPolicy"];

  test(`every value of chart ${chart.version} is found again where it belongs`, async () => {
    const objects = objectsIn(await rendered({ ...render, argv: classic(...old) }, { signal }));
    for (const [value, kind, path, expected] of chart.objects) {
      const shown = objects.filter((object) => object.kind === kind).map((object) => at(object, path));
      assert.deepEqual(shown[0], expected, `${value}: ${kind} ${path}`);
    }
    const { args } = containerOf(objects, "DaemonSet");
    assert.deepEqual([...args].sort(), [...chart.args.flatMap(([, those]) => those), ...chart.own].sort());
  });

  test(`in mode coordinated every flag of chart ${chart.version}'s values reaches the part that it concerns`, async () => {
    const argv = ["--set", "mode=coordinated", "--set-string", "image.tag=2.0.0", ...old];
    const objects = objectsIn(await rendered({ ...render, argv }, { signal }));
    const [agent, coordinator] = [containerOf(objects, "DaemonSet"), containerOf(objects, "Deployment")];
    for (const { args, env } of [agent, coordinator]) {
      const variables = Object.fromEntries(env.map(({ name, value = "x" }) => [name, value]));
      assert.equal(parseArguments({ argv: args, env: variables, program: "kured" }).kind, "settings", args.join(" "));
    }
    const both = new Set([...agent.args, ...coordinator.args]);
    const wanted = [...chart.args.flatMap(([, those]) => those), ...chart.own, "agent", "coordinator", chart.lease];
    assert.deepEqual([...both].sort(), [...new Set(wanted)].sort());
  });

  test(`no value of chart ${chart.version} is missing in ${file} and in the rows`, () => {
    const given = leaves(parse(readFileSync(join(root, file), "utf8")));
    const rows = [...chart.objects.map(([value]) => value), ...chart.args.map(([name]) => `configuration.${name}`)];
    const known = [...rows, ...chart.elsewhere];
    const isIn = (value: string) => known.some((row) => value === row || value.startsWith(`${row}.`));
    assert.deepEqual(
      given.filter((value) => !isIn(value)),
      [],
    );
    const stands = (row: string) => given.some((value) => value === row || value.startsWith(`${row}.`));
    assert.deepEqual(
      known.filter((row) => !stands(row)),
      [],
    );
  });
}

interface Container {
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value?: string }[];
}

function containerOf(objects: readonly KubeObject[], kind: string): Container {
  return at(
    objects.find((object) => object.kind === kind),
    "spec.template.spec.containers.0",
  ) as Container;
}

/** The paths of everything in a values file that is not an object with something in it. */
function leaves(value: unknown, path = ""): readonly string[] {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  const entries = isObject ? Object.entries(value) : [];
  if (entries.length === 0) return [path];
  return entries.flatMap(([key, inner]) => leaves(inner, path === "" ? key : `${path}.${key}`));
}
