import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { waitFor } from "../controlplane/waits.ts";
import { run } from "./program.ts";
import { annotationOf, onStand, type Stand } from "./stand.ts";

const ending = new AbortController();
const { signal } = ending;
after(() => ending.abort(new Error("The suite is over")));

/** All control characters but the line feed. */
const steering = /(?!\n)\p{Cc}/u;

describe("an operator's terminal", { concurrency: 3 }, () => {
  test("status and explain print what the coordinator published, through a kubeconfig", async () => {
    await onStand({ nodes: ["n1", "n2"], signal }, async (stand) => {
      stand.annotate("/api/v1/nodes/n1", { "kured.dev/hold": "disk is being replaced\u001b[31m" });
      await stand.startCoordinator();
      for (const node of ["n1", "n2"]) await stand.startAgent(node);
      await stand.host("n1").requireReboot();
      const told = () => Promise.resolve(annotationOf(stand.node("n1"), "kured.dev/verdict")?.includes("Held"));
      await waitFor("the verdict", told, { signal });
      await withKubeconfig(stand, async (environment) => {
        const status = await run(["status"], { environment, signal });
        assert.equal(status.code, 0, status.stderr);
        assert.match(status.stdout, /n1\s+Held/);
        assert.match(status.stdout, /n2/);
        const explained = await run(["explain", "n1"], { environment, signal });
        assert.equal(explained.code, 0, explained.stderr);
        assert.match(explained.stdout, /This node is held/);
        assert.match(explained.stdout, /disk is being replaced/);
        for (const { stdout } of [status, explained]) assert.doesNotMatch(stdout, steering);
        const json = await run(["status", "--output=json"], { environment, signal });
        assert.equal(typeof JSON.parse(json.stdout), "object");
      });
    });
  });

  test("a node that is not there is named, and the exit code is 1", async () => {
    await onStand({ nodes: ["n1"], signal }, async (stand) => {
      await withKubeconfig(stand, async (environment) => {
        const { code, stdout, stderr } = await run(["explain", "n7"], { environment, signal });
        assert.deepEqual([code, stdout], [1, ""]);
        assert.match(stderr, /^kured explain: .*n7/);
      });
    });
  });

  test("a kubeconfig that is none, one that is missing and an API server that is away are told in one line", async () => {
    await onStand({ nodes: ["n1"], signal }, async (stand) => {
      await withKubeconfig(stand, async (environment, folder) => {
        const file = join(folder, "nonsense");
        await writeFile(file, "{not: [yaml");
        const cases = [
          { args: ["status", `--kubeconfig=${file}`], says: /nonsense/ },
          { args: ["status", "--kubeconfig=/no/such/file"], says: /\/no\/such\/file/ },
          { args: ["status", "--context=moon"], says: /moon/ },
        ];
        for (const { args, says } of cases) {
          const { code, stdout, stderr } = await run(args, { environment, signal });
          assert.deepEqual([code, stdout], [1, ""], stderr);
          assert.match(stderr, says);
          assert.equal(stderr.trimEnd().split("\n").length, 1, stderr);
        }
        await stand.goAway();
        const { code, stderr } = await run(["status"], { environment, signal });
        assert.equal(code, 1);
        assert.match(stderr, /ECONNREFUSED|cannot be reached|connection refused/i);
        await stand.comeBack();
      });
    });
  });

  test("an authority that SSL_CERT_FILE names vouches for an API server whose kubeconfig has none", async () => {
    await onStand({ nodes: ["n1"], signal }, async (stand) => {
      await withKubeconfig(stand, async (environment, folder) => {
        const file = join(folder, "authority.pem");
        await writeFile(file, stand.certificate);
        const args = ["status", `--kubeconfig=${await withoutAuthority(folder)}`];
        const unknown = await run(args, { environment, signal });
        assert.deepEqual([unknown.code, unknown.stdout], [1, ""]);
        assert.match(unknown.stderr, /certificate/);
        const { code, stdout, stderr } = await run(args, {
          environment: { ...environment, SSL_CERT_FILE: file },
          signal,
        });
        assert.deepEqual([code, stderr], [0, ""]);
        assert.match(stdout, /n1/);
      });
    });
  });

  test("an answer that is not JSON is shown, and the exit code is 1", async () => {
    await onStand({ nodes: ["n1"], signal }, async (stand) => {
      await withKubeconfig(stand, async (environment) => {
        const body = "<html>Please log in\u001b[31m</html>";
        stand.meet(() => ({ kind: "answered", status: 200, headers: { "content-type": "text/html" }, body }));
        const { code, stderr } = await run(["status"], { environment, signal });
        assert.equal(code, 1);
        assert.match(stderr, /not JSON.*Please log in/);
        assert.doesNotMatch(stderr, steering);
      });
    });
  });
});

async function withKubeconfig(
  { front, certificate }: Stand,
  work: (environment: Readonly<Record<string, string>>, folder: string) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "kured-operator-"));
  try {
    const authority = Buffer.from(certificate).toString("base64");
    const config = {
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "stand", cluster: { server: front.url, "certificate-authority-data": authority } }],
      users: [{ name: "operator", user: { token: "operator" } }],
      contexts: [{ name: "stand", context: { cluster: "stand", user: "operator" } }],
      "current-context": "stand",
    };
    await writeFile(join(folder, "config"), JSON.stringify(config));
    await work({ KUBECONFIG: join(folder, "config"), HOME: folder }, folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The same kubeconfig for those who know the API server's authority from elsewhere; answers where it is. */
async function withoutAuthority(folder: string): Promise<string> {
  const config = await readFile(join(folder, "config"), "utf8");
  const path = join(folder, "without-authority");
  await writeFile(path, config.replace(/,"certificate-authority-data":"[^"]*"/, ""));
  return path;
}
