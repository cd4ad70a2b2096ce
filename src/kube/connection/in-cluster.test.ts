import assert from "node:assert/strict";
import test from "node:test";
import { testFolder } from "../../../test/kube/folder.ts";
import { machineClock } from "../../host/clock.ts";
import type { Clock } from "../../ports/clock.ts";
import { bearerTokenFile } from "./bearer-token.ts";
import { inClusterConnection } from "./in-cluster.ts";

const clock = machineClock();
const signal = new AbortController().signal;
const folder = "/var/run/secrets/kubernetes.io/serviceaccount";
const authority = "-----BEGIN CERTIFICATE-----\nthe authority\n-----END CERTIFICATE-----\n";
const environment = { KUBERNETES_SERVICE_HOST: "10.96.0.1", KUBERNETES_SERVICE_PORT: "443" };

test("a pod's connection is its environment and its service account", async (t) => {
  const { files, write } = await testFolder(t);
  await write(`${folder}/ca.crt`, authority);
  await write(`${folder}/token`, "secret\n");
  const connection = await inClusterConnection({ environment, files, clock });
  assert.equal(connection.server, "https://10.96.0.1:443");
  assert.equal(connection.certificateAuthority, authority);
  assert.equal(await connection.credentials?.authorization({ signal }), "Bearer secret");
});

test("an IPv6 address is put in brackets", async (t) => {
  const { files, write } = await testFolder(t);
  await write(`${folder}/ca.crt`, authority);
  await write(`${folder}/token`, "x");
  const six = { ...environment, KUBERNETES_SERVICE_HOST: "fd00::1" };
  assert.equal((await inClusterConnection({ environment: six, files, clock })).server, "https://[fd00::1]:443");
});

test("outside a cluster the error is kured's", async (t) => {
  const { files } = await testFolder(t);
  for (const half of [
    {},
    { KUBERNETES_SERVICE_HOST: "h" },
    { KUBERNETES_SERVICE_PORT: "1", KUBERNETES_SERVICE_HOST: "" },
  ]) {
    await assert.rejects(inClusterConnection({ environment: half, files, clock }), {
      message:
        "unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined",
    });
  }
});

test("a pod without its service account's files is told which one is missing", async (t) => {
  const { files, write } = await testFolder(t);
  const load = (): Promise<unknown> => inClusterConnection({ environment, files, clock });
  await assert.rejects(load(), /^Error: unable to load in-cluster configuration: .*ca\.crt/);
  await write(`${folder}/ca.crt`, "nonsense");
  await assert.rejects(load(), /unable to load in-cluster configuration: .*ca\.crt holds no certificate/);
  await write(`${folder}/ca.crt`, authority);
  await assert.rejects(load(), /unable to load in-cluster configuration: .*token/);
  await write(`${folder}/token`, " \n");
  await assert.rejects(load(), /token file .*\/token holds no token/);
});

test("a token file is read again after a minute, or when its token was refused, and never more often", async (t) => {
  const { files, write } = await testFolder(t);
  let nowMs = 0;
  const slow: Clock = { ...clock, now: () => ({ wallMs: 0, monotonicMs: nowMs }) };
  await write("/token", "one");
  const { authorization } = bearerTokenFile("/token", { files, clock: slow });
  assert.equal(await authorization({ signal }), "Bearer one");
  await write("/token", "two");
  nowMs = 59_999;
  assert.equal(await authorization({ signal }), "Bearer one");
  nowMs = 60_000;
  assert.equal(await authorization({ signal }), "Bearer two");
  await write("/token", "three");
  assert.equal(await authorization({ signal, refused: "Bearer one" }), "Bearer two");
  assert.equal(await authorization({ signal, refused: "Bearer two" }), "Bearer three");
});

test("a token file that cannot be read for a while does no harm, and is asked for again", async (t) => {
  const { files, write } = await testFolder(t);
  let nowMs = 0;
  const slow: Clock = { ...clock, now: () => ({ wallMs: 0, monotonicMs: nowMs }) };
  await write("/token", "one");
  const { authorization } = bearerTokenFile("/token", { files, clock: slow });
  await authorization({ signal });
  await write("/token", "not a\ntoken");
  nowMs = 61_000;
  assert.equal(await authorization({ signal }), "Bearer one");
  await write("/token", "two");
  nowMs = 130_000;
  assert.equal(await authorization({ signal }), "Bearer two");
});
