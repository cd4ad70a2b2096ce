import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { parse, parseAllDocuments, stringify } from "yaml";
import { root } from "../../tools/source.ts";
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
