import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { startMailServer } from "../testing/mail-server.ts";

test("the mail library is loaded by the first mail, not by a URL that asks for mails", async (t) => {
  const server = await startMailServer();
  t.after(() => server.close());
  const script = `
    import { registerHooks } from "node:module";
    let loaded = 0;
    registerHooks({ load: (url, context, next) => {
      if (url.includes("/nodemailer/")) loaded += 1;
      return next(url, context);
    } });
    const { notifierFor } = await import(${JSON.stringify(join(import.meta.dirname, "../registry.ts"))});
    const mail = notifierFor("smtp://127.0.0.1:${server.port}/?from=a@example.com&to=b@example.com", {});
    const before = loaded;
    await mail.send("Rebooting", { signal: new AbortController().signal });
    console.log(JSON.stringify([before, loaded > 0]));`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script]);
  assert.deepEqual(JSON.parse(stdout), [0, true]);
});
