import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { after, before, describe, test } from "node:test";
import { machineClock } from "../../src/host/clock.ts";
import { selfSigned } from "../../sim/apiserver/fronts/certificate.ts";
import { logLines, run } from "./program.ts";

const ending = new AbortController();
const { signal } = ending;
after(() => ending.abort(new Error("The suite is over")));

/** Nobody listens on port 1, so whoever comes as far as that has not been refused. */
const inCluster = { KUBERNETES_SERVICE_HOST: "127.0.0.1", KUBERNETES_SERVICE_PORT: "1", KURED_NODE_ID: "n1" };
let account: { readonly token: string; readonly "ca.crt": string };
before(() => {
  account = { token: "secret-of-the-test", "ca.crt": selfSigned({ nowMs: machineClock().now().wallMs }).cert };
});

describe("arguments", { concurrency: 4 }, () => {
  for (const args of [["--help"], ["-h"], ["help"]]) {
    test(`${args.join(" ")} prints the usage on the standard error and ends with 0`, async () => {
      const { code, stdout, stderr } = await run(args, { signal });
      assert.deepEqual([code, stdout], [0, ""]);
      assert.match(stderr, /^Usage of kured:\n/);
      assert.match(stderr, /^ {6}--period duration .*\(default 1h0m0s\)$/m);
    });
  }

  test("version prints the version and nothing else", async () => {
    const { code, stdout, stderr } = await run(["version"], { signal });
    assert.equal(code, 0);
    assert.match(stdout, /^\d+\.\d+\.\d+\S*\n$/);
    assert.equal(stderr, "");
  });

  for (const command of ["agent", "coordinator", "status", "explain", "cleanup"]) {
    test(`help ${command} names the flags of that command`, async () => {
      const { code, stderr } = await run(["help", command], { signal });
      assert.equal(code, 0);
      assert.match(stderr, new RegExp(`^Usage of kured ${command}`));
    });
  }

  const wrong: readonly (readonly [what: string, args: readonly string[], says: RegExp])[] = [
    ["an unknown flag", ["--no-such-flag=1"], /unknown flag: --no-such-flag/],
    ["a flag of another command", ["agent", "--concurrency=2"], /unknown flag: --concurrency/],
    ["an unknown short flag", ["-x"], /unknown shorthand flag: 'x' in -x/],
    ["a value that is no duration", ["--period=7 parsecs"], /"7 parsecs".*--period/],
    ["a value that is no number", ["--concurrency=two"], /"two".*--concurrency/],
    ["a value that is no boolean", ["--force-reboot=perhaps"], /"perhaps".*--force-reboot/],
    ["a value that is no expression", ["--alert-filter-regexp=("], /"\(".*--alert-filter-regexp.*missing closing \)/],
    ["a flag without its value", ["--period"], /flag needs an argument: --period/],
    ["explain without a node", ["explain"], /node/i],
  ];
  for (const [what, args, says] of wrong) {
    test(`${what} is refused with the offending value and ends with 2`, async () => {
      const { code, stderr, stdout } = await run(args, { environment: inCluster, signal });
      assert.equal(code, 2);
      assert.match(`${stdout}${stderr}`, says);
    });
  }

  const fatal: readonly (readonly [what: string, args: readonly string[], says: RegExp])[] = [
    ["a day that is none", ["--reboot-days=mon,blursday"], /blursday/],
    ["a time of day that is none", ["--start-time=25:99"], /25:99/],
    ["a time zone that is none", ["--time-zone=Mars/Olympus"], /Mars\/Olympus/],
    ["a reboot method that is none", ["--reboot-method=prayer"], /prayer/],
    ["a reboot command with an open quote", ["--reboot-command=sh -c 'reboot"], /reboot/],
    ["a selector that is none", ["--drain-pod-selector=a=b=c"], /a=b=c/],
    ["a selector of blocking pods that is none", ["--blocking-pod-selector=a=b=c"], /a=b=c/],
  ];
  for (const [what, args, says] of fatal) {
    test(`${what} is a fatal line with the offending value and ends with 1`, async () => {
      const { code, stderr } = await run(args, { environment: inCluster, account, signal });
      assert.equal(code, 1);
      assert.match(fatalLines(stderr).join("\n"), says);
    });
  }

  test("without the node's name there is a fatal line in kured's words and the exit code 1", async () => {
    const { KURED_NODE_ID: _missing, ...environment } = inCluster;
    const { code, stderr } = await run([], { environment, account, signal });
    assert.equal(code, 1);
    assert.deepEqual(fatalLines(stderr), ["KURED_NODE_ID environment variable required"]);
  });

  test("outside a cluster the missing variables are named, and the exit code is 1", async () => {
    const { code, stderr } = await run([], { environment: { KURED_NODE_ID: "n1" }, account, signal });
    assert.equal(code, 1);
    assert.match(
      fatalLines(stderr).join("\n"),
      /in-cluster.*KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined/,
    );
  });

  const accounts: readonly (readonly [what: string, without: "token" | "ca.crt", text: string | undefined])[] = [
    ["no token", "token", undefined],
    ["an empty token", "token", "\n"],
    ["a token that is none", "token", "two\nlines"],
    ["no certificate authority", "ca.crt", undefined],
  ];
  for (const [what, name, text] of accounts) {
    test(`a service account with ${what} is told with the file's path, and the exit code is 1`, async () => {
      const { [name]: _taken, ...rest } = account;
      const given = { ...rest, ...(text !== undefined && { [name]: text }) };
      const { code, stderr } = await run([], { environment: inCluster, account: given, signal });
      assert.equal(code, 1);
      const lines = fatalLines(stderr).join("\n");
      assert.match(lines, new RegExp(`/var/run/secrets/kubernetes\\.io/serviceaccount/${name}`));
      assert.doesNotMatch(stderr, /two/, "no secret is ever told");
    });
  }

  test("a certificate authority that is none is told as such, and the exit code is 1", async () => {
    const given = { ...account, "ca.crt": "-----BEGIN NONSENSE-----\n" };
    const { code, stderr } = await run([], { environment: inCluster, account: given, signal });
    assert.equal(code, 1);
    assert.match(fatalLines(stderr).join("\n"), /serviceaccount\/ca\.crt holds no certificate/);
  });

  test("a port that is taken is a fatal line that names it, and the exit code is 1", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    try {
      const args = ["--metrics-host=127.0.0.1", `--metrics-port=${port}`];
      const { code, stderr } = await run(args, { environment: inCluster, account, signal });
      assert.equal(code, 1);
      assert.deepEqual(fatalLines(stderr), [`cannot listen on 127.0.0.1:${port}: EADDRINUSE`]);
    } finally {
      server.close();
    }
  });

  test("what is fatal is JSON, too, where the log is JSON", async () => {
    const args = ["--log-format=json", "--metrics-host=nowhere.invalid"];
    const { code, stderr } = await run(args, { environment: inCluster, account, signal });
    assert.equal(code, 1);
    const entries = stderr
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { readonly level: string; readonly msg: string });
    assert.equal(entries.at(-1)?.level, "fatal");
    assert.match(entries.at(-1)?.msg ?? "", /nowhere\.invalid/);
  });
});

/** The messages of the fatal lines; every line must be one of the log. */
function fatalLines(stderr: string): readonly string[] {
  return logLines(stderr).flatMap(({ level, message }) => (level === "fatal" ? [message] : []));
}
