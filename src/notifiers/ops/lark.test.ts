import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { machineClock } from "../../host/clock.ts";
import { notifierFor } from "../registry.ts";
import { serviceParts } from "../testing/parts.ts";
import { startReceiver } from "../testing/receiver.ts";

test("a robot with a secret is shown the time and its signature", async () => {
  const receiver = await startReceiver();
  try {
    receiver.expect({ body: '{"code":0}' });
    const clock = { ...machineClock(), now: () => ({ wallMs: 1_700_000_000_999, monotonicMs: 0 }) };
    const parts = serviceParts({ web: receiver.web, clock });
    const lark = notifierFor("lark://open.feishu.cn/token?secret=s%26cret", parts);
    await lark.send("Rebooting", { signal: new AbortController().signal });
    const sign = createHmac("sha256", "1700000000\ns&cret").digest("base64");
    const expected = { msg_type: "text", content: { text: "Rebooting" }, timestamp: "1700000000", sign };
    assert.deepEqual(JSON.parse(receiver.received[0]?.body ?? ""), expected);
  } finally {
    await receiver.close();
  }
});
