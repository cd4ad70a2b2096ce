import assert from "node:assert/strict";
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import type { TestContext } from "node:test";
import { testFolder } from "../../../test/kube/folder.ts";
import type { TestFolder } from "../../../test/kube/folder.ts";
import { machineClock } from "../../host/clock.ts";
import { machineCommands } from "../../host/commands.ts";
import { machineFiles } from "../../host/files.ts";
import { kubeconfigConnection } from "./kubeconfig.ts";
import type { OperatorConnection } from "./kubeconfig.ts";

const clock = machineClock();
const signal = new AbortController().signal;

interface Operator {
  readonly folder: TestFolder;
  load(options?: {
    readonly path?: string;
    readonly context?: string;
    readonly KUBECONFIG?: string;
  }): Promise<OperatorConnection>;
}

/** An operator whose home is a temporary folder. */
async function operator(t: TestContext): Promise<Operator> {
  const folder = await testFolder(t);
  return {
    folder,
    load: ({ path, context, KUBECONFIG } = {}) => {
      const environment = { HOME: folder.path, KUBECONFIG: KUBECONFIG?.replaceAll("~", folder.path) };
      return kubeconfigConnection({
        environment,
        files: machineFiles({ clock }),
        clock,
        commands: machineCommands({ clock }),
        signal,
        ...(path === undefined ? {} : { path: join(folder.path, path) }),
        ...(context === undefined ? {} : { context }),
      });
    },
  };
}

function config(user: string, cluster = "server: https://10.0.0.1:6443"): string {
  return `
apiVersion: v1
kind: Config
current-context: prod
contexts:
- name: prod
  context: { cluster: c1, user: u1, namespace: shop }
clusters:
- name: c1
  cluster: { ${cluster} }
users:
- name: u1
  user: ${user}
`;
}

test("the default is the current context of ~/.kube/config", async (t) => {
  const { folder, load } = await operator(t);
  const data = Buffer.from("PEM").toString("base64");
  await folder.write(
    ".kube/config",
    config("{ token: abc }", `server: "https://h", certificate-authority-data: ${data}`),
  );
  const { connection, context, namespace } = await load();
  assert.deepEqual(
    [connection.server, connection.certificateAuthority, context, namespace],
    ["https://h", "PEM", "prod", "shop"],
  );
  assert.equal(connection.skipVerification, false);
  assert.equal(await connection.credentials?.authorization({ signal }), "Bearer abc");
});

test("certificates and tokens in files are found beside the kubeconfig", async (t) => {
  const { folder, load } = await operator(t);
  const user = "{ client-certificate: pki/me.crt, client-key: pki/me.key, tokenFile: token, token: stale }";
  await folder.write(
    "sub/config",
    config(user, "server: https://h, certificate-authority: ca.crt, tls-server-name: kube"),
  );
  for (const name of ["pki/me.crt", "pki/me.key", "ca.crt", "token"])
    await folder.write(`sub/${name}`, `the ${name}`.replaceAll(" ", "-"));
  const { connection } = await load({ path: "sub/config" });
  assert.deepEqual(connection.clientCertificate, { certificate: "the-pki/me.crt", key: "the-pki/me.key" });
  assert.deepEqual([connection.certificateAuthority, connection.tlsServerName], ["the-ca.crt", "kube"]);
  assert.equal(await connection.credentials?.authorization({ signal }), "Bearer the-token");
});

test("several files of KUBECONFIG are merged, the first word counts, missing ones do not matter", async (t) => {
  const { folder, load } = await operator(t);
  await folder.write("a", "current-context: prod\nusers: [{ name: u1, user: { token: first } }]\n");
  await folder.write(
    "b",
    `${config("{ token: second }")}- name: u2\n  user: {}\n`.replace("current-context: prod", "current-context: other"),
  );
  const { connection, context } = await load({ KUBECONFIG: "~/none::~/a:~/b" });
  assert.equal(context, "prod");
  assert.equal(connection.server, "https://10.0.0.1:6443");
  assert.equal(await connection.credentials?.authorization({ signal }), "Bearer first");
});

test("another context can be asked for, and a wrong name is told with the right ones", async (t) => {
  const { folder, load } = await operator(t);
  await folder.write(".kube/config", config("{}").replace("current-context: prod", ""));
  assert.equal((await load({ context: "prod" })).context, "prod");
  await assert.rejects(load(), /no current-context; name one with --context/);
  await assert.rejects(load({ context: "pord" }), /no "pord" among its contexts, .* it has: prod$/);
});

test("a name and a password, and verification switched off, are taken as they are", async (t) => {
  const { folder, load } = await operator(t);
  const cluster = "server: https://h, insecure-skip-tls-verify: true";
  await folder.write(".kube/config", config('{ username: me, password: "s:t", token: "" }', cluster));
  const { connection } = await load();
  assert.equal(connection.skipVerification, true);
  assert.equal(await connection.credentials?.authorization({ signal }), `Basic ${btoa("me:s:t")}`);
});

test("a credential plug-in gives a token, and another one when that is refused", async (t) => {
  const { folder, load } = await operator(t);
  const script = `#!/bin/sh
echo "$KUBERNETES_EXEC_INFO" > ${folder.path}/info
echo x >> ${folder.path}/runs
printf '{"kind":"ExecCredential","status":{"token":"%s-%s-%s"}}' "$1" "$EXTRA" "$(wc -l < ${folder.path}/runs)"
`;
  await folder.write("bin/plugin", script);
  await chmod(join(folder.path, "bin/plugin"), 0o755);
  const exec =
    "{ apiVersion: client.authentication.k8s.io/v1, command: bin/plugin, args: [a], env: [{ name: EXTRA, value: b c }], provideClusterInfo: true }";
  await folder.write("config", config(`{ exec: ${exec} }`));
  const { connection } = await load({ path: "config" });
  const { authorization } = connection.credentials ?? assert.fail();
  assert.equal(await authorization({ signal }), "Bearer a-b c-1");
  assert.equal(await authorization({ signal }), "Bearer a-b c-1");
  assert.equal(await authorization({ signal, refused: "Bearer a-b c-1" }), "Bearer a-b c-2");
  assert.deepEqual(JSON.parse(await folder.files.readText("info")), {
    kind: "ExecCredential",
    apiVersion: "client.authentication.k8s.io/v1",
    spec: { interactive: false, cluster: { server: "https://10.0.0.1:6443" } },
  });
});

test("a credential plug-in may give a client certificate", async (t) => {
  const { folder, load } = await operator(t);
  const printed = '{"kind":"ExecCredential","status":{"clientCertificateData":"C","clientKeyData":"K"}}';
  const exec = `{ apiVersion: client.authentication.k8s.io/v1, command: echo, args: ['${printed}'] }`;
  await folder.write(".kube/config", config(`{ exec: ${exec} }`));
  assert.deepEqual((await load()).connection.clientCertificate, { certificate: "C", key: "K" });
});

const v1 = "apiVersion: client.authentication.k8s.io/v1";
const mistakes: readonly (readonly [string, string, RegExp])[] = [
  ["YAML that is none", "a: [", /the kubeconfig .*config makes no sense: /],
  ["a list in the place of the whole", "[1]", /makes no sense: the answer should be an object/],
  ["clusters that are no list", "clusters: 5", /clusters should be a list, but is 5/],
  ["a token that is a number", config("{ token: 12345 }"), /token should be a text, but is 12345/],
  ["a server that is missing", config("{}", "x: 1"), /server should be a text, but is nothing/],
  [
    "a user that is missing",
    config("{}").replace("- name: u1", "- name: u2"),
    /no "u1" among its users, .* context "prod"/,
  ],
  ["a certificate without a key", config("{ client-certificate-data: UEVN }"), /client-certificate without a key/],
  ["a certificate file that is missing", config("{ client-certificate: none.crt }"), /ENOENT.*none\.crt/],
  ["impersonation", config("{ token: a, as: root }"), /asks for as, which kured does not support/],
  ["a proxy", config("{}", "server: https://h, proxy-url: http://p"), /asks for proxy-url/],
  [
    "a plug-in that fails",
    config(`{ exec: { ${v1}, command: "false", installHint: buy it } }`),
    /plug-in false ended with 1: \s*buy it/,
  ],
  ["a plug-in that is not there", config(`{ exec: { ${v1}, command: kured-no-such-plugin } }`), /kured-no-such-plugin/],
  [
    "a plug-in that talks",
    config(`{ exec: { ${v1}, command: echo, args: [hello] } }`),
    /printed no ExecCredential, but: hello/,
  ],
  [
    "a plug-in that gives nothing",
    config(`{ exec: { ${v1}, command: echo, args: ['{"kind":"ExecCredential"}'] } }`),
    /neither a token nor/,
  ],
  [
    "a plug-in that wants a terminal",
    config(`{ exec: { ${v1}, command: echo, interactiveMode: Always } }`),
    /needs a terminal/,
  ],
];

for (const [what, text, message] of mistakes) {
  test(`a kubeconfig with ${what} is refused with the place`, async (t) => {
    const { folder, load } = await operator(t);
    await folder.write(".kube/config", text);
    await assert.rejects(load(), message);
  });
}

test("no kubeconfig at all is told with where it was looked for", async (t) => {
  const { load } = await operator(t);
  await assert.rejects(load(), /there is no kubeconfig: neither --kubeconfig nor .*\/\.kube\/config$/);
  await assert.rejects(load({ path: "named" }), /the kubeconfig .*named cannot be read: ENOENT/);
});
