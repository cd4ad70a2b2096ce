import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { selfSigned, type SelfSigned } from "../../../sim/apiserver/fronts/certificate.ts";
import { trustAuthorities } from "./authorities.ts";
import { machineWeb } from "./web.ts";

const { signal } = new AbortController();

test("a server whose authority SSL_CERT_FILE names is believed, and the others still are", async (t) => {
  const { folder, ask, cert } = await arranged(t);
  const before = getCACertificates("default");
  const file = join(folder, "ours.pem");
  await writeFile(file, `# Ours\n${broken}\n${cert}`);
  await assert.rejects(ask(), /self.signed/);
  assert.deepEqual(await trustAuthorities({ SSL_CERT_FILE: file }), []);
  assert.equal(await ask(), 204);
  assert.equal(getCACertificates("default").length, before.length + 1);
});

test("a server whose authority lies in one of the folders of SSL_CERT_DIR is believed, whatever else lies there", async (t) => {
  const { folder, ask, cert } = await arranged(t);
  const [empty, full] = [join(folder, "empty"), join(folder, "full")];
  for (const path of [empty, full, join(full, "private")]) await mkdir(path);
  await writeFile(join(folder, "ours.pem"), cert);
  await symlink("../ours.pem", join(full, "5ed36f99.0"));
  await symlink("nowhere", join(full, "dangling"));
  await writeFile(join(full, "README"), "Certificates\n");
  assert.deepEqual(await trustAuthorities({ SSL_CERT_DIR: `${empty}:${full}:` }), [
    `No certificate authority is known from SSL_CERT_DIR=${empty}: no file in it holds a certificate`,
  ]);
  assert.equal(await ask(), 204);
});

test("SSL_CERT_FILE and SSL_CERT_DIR together leave nobody else to be believed", async (t) => {
  const { folder, ask, cert } = await arranged(t);
  const other = selfSigned({ nowMs: Date.now() }).cert;
  await writeFile(join(folder, "other.pem"), other);
  setDefaultCACertificates([...getCACertificates("default"), cert]);
  assert.equal(await ask(), 204);
  await trustAuthorities({ SSL_CERT_FILE: join(folder, "other.pem"), SSL_CERT_DIR: folder });
  assert.equal(getCACertificates("default").length, 1);
  await assert.rejects(ask(), /self.signed/);
});

test("a file that is not there, and one without a certificate, are told and change nothing", async (t) => {
  const { folder } = await arranged(t);
  const before = getCACertificates("default").length;
  const absent = await trustAuthorities({ SSL_CERT_FILE: join(folder, "absent") });
  assert.match(absent.join("\n"), /^No certificate authority is known from SSL_CERT_FILE=\/.*absent: ENOENT/);
  await writeFile(join(folder, "broken"), broken);
  assert.deepEqual(await trustAuthorities({ SSL_CERT_FILE: join(folder, "broken") }), [
    `No certificate authority is known from SSL_CERT_FILE=${folder}/broken: it holds no certificate`,
  ]);
  const device = await trustAuthorities({ SSL_CERT_FILE: "/dev/zero" });
  assert.match(device.join("\n"), /SSL_CERT_FILE=\/dev\/zero: not a file of at most/);
  assert.equal(getCACertificates("default").length, before);
});

const broken = "-----BEGIN CERTIFICATE-----\nbm9uZQ==\n-----END CERTIFICATE-----";

interface Arranged extends Pick<SelfSigned, "cert"> {
  readonly folder: string;
  /** The status that the server answers with. */
  readonly ask: () => Promise<number>;
}

/** A server that nobody knows yet; whom this process trusts is put back when the test is over. */
async function arranged(t: TestContext): Promise<Arranged> {
  const before = getCACertificates("default");
  t.after(() => setDefaultCACertificates(before));
  setDefaultCACertificates(before); // Now none is counted twice.
  const folder = await mkdtemp(join(tmpdir(), "kured-authorities-"));
  t.after(() => rm(folder, { recursive: true }));
  const { key, cert } = selfSigned({ nowMs: Date.now() });
  const server = createServer({ key, cert }, (_, response) => response.writeHead(204).end());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const web = machineWeb({ env: {}, userAgent: "kured/test" });
  const ask = async (): Promise<number> => (await web({ method: "GET", url, headers: {} }, { signal })).status;
  return { folder, ask, cert };
}
