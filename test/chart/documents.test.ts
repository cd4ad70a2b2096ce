import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { parse, parseAllDocuments, stringify } from "yaml";
import { root } from "../../tools/source.ts";
import { readManifest } from "../controlplane/manifests.ts";
import type { KubeObject } from "../controlplane/resources.ts";
import { rendered } from "./renders.ts";

const { signal } = new AbortController();
const folder = mkdtempSync(join(tmpdir(), "kured-values-"));
after(() => rmSync(folder, { recursive: true }));

interface FluxObject {
  readonly kind: string;
  readonly spec: { readonly values: object; readonly valuesFrom: readonly [{ name: string; valuesKey: string }] };
  readonly metadata: { readonly name: string };
  readonly stringData: Readonly<Record<string, string>>;
}

test("the HelmRelease of docs/install.md renders, with what its Secret adds", async () => {
  const page = readFileSync(join(root, "docs/install.md"), "utf8");
  const yaml = /```yaml\n([^]*?)```/.exec(page)?.[1] ?? "";
  const objects = parseAllDocuments(yaml).map((document) => document.toJS() as FluxObject);
  const release = objects.find(({ kind }) => kind === "HelmRelease");
  const secret = objects.find(({ kind }) => kind === "Secret");
  assert.ok(release !== undefined && secret !== undefined);
  const [from] = release.spec.valuesFrom;
  assert.equal(from.name, secret.metadata.name);
  const more: unknown = parse(secret.stringData[from.valuesKey] ?? "");
  // Flux merges valuesFrom first, then what stands in values.
  const files = [more, release.spec.values].map((values, index) => {
    const path = join(folder, `${index}.yaml`);
    writeFileSync(path, stringify(values));
    return ["--values", path];
  });
  const text = await rendered({ name: "flux", argv: files.flat() }, { signal });
  for (const argument of [
    "--reboot-days=mon",
    "--start-time=5pm",
    "--slack-username=staging",
    "--slack-hook-url=https://hooks.slack.com/services/blahblah",
  ]) {
    assert.ok(text.includes(`- "${argument}"`), `${argument} is missing`);
  }
});

test("every helm command of docs/install.md has values that the chart accepts", async () => {
  const page = readFileSync(join(root, "docs/install.md"), "utf8").replaceAll("\\\n", " ");
  const commands = page.split("\n").filter((line) => line.startsWith("helm "));
  assert.ok(commands.length >= 4);
  for (const command of commands) {
    const argv = [...command.matchAll(/--set (\S+)/g)].flatMap(([, value = ""]) => [
      "--set",
      value.replaceAll('"', ""),
    ]);
    assert.match(await rendered({ name: command, argv }, { signal }), /^kind: DaemonSet$/m);
  }
});

test("the way back to manifests/classic.yaml in docs/migrate.md takes away all that coordinated mode has besides", () => {
  const page = readFileSync(join(root, "docs/migrate.md"), "utf8").replaceAll("\\\n", " ");
  const deleted = page
    .split("\n")
    .filter((line) => line.startsWith("kubectl delete "))
    .flatMap((line) => {
      const namespace = / -n (\S+)/.exec(line)?.[1] ?? "";
      const words = line
        .replace(/^kubectl delete (-n \S+)?/, "")
        .trim()
        .split(/\s+/);
      if (words[0]?.includes("/") === true) return words.map((word) => `${namespace} ${word}`);
      const [kinds = "", ...names] = words;
      return kinds.split(",").flatMap((kind) => names.map((name) => `${namespace} ${kind}/${name}`));
    });
  const idOf = ({ kind, metadata }: KubeObject): string =>
    `${metadata.namespace ?? ""} ${kind.toLowerCase()}/${metadata.name}`;
  const classic = new Set(readManifest("classic").map(idOf));
  const besides = readManifest("coordinated")
    .map(idOf)
    .filter((id) => !classic.has(id));
  // The Lease is the coordinator's own work.
  assert.deepEqual([...deleted].sort(), [...besides, "kube-system lease/kured"].sort());
});
