import assert from "node:assert/strict";
import { createDecipheriv, createHmac } from "node:crypto";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { notifierFor } from "../registry.ts";
import { serviceParts } from "../testing/parts.ts";
import { startReceiver } from "../testing/receiver.ts";

const key = "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF";

for (const name of ["key", "encryptionkey"])
  test(`pushover: with ${name} title and message can be read by the devices only`, async () => {
    const form = await sent(`pushover://shoutrrr:token@user/?title=Node&${name}=${key}`);
    assert.equal(form.get("encrypted"), "1");
    assert.deepEqual(
      [opened(form.get("message")), opened(form.get("title")), form.get("user")],
      ["Rebooting ü", "Node", "user"],
    );
    assert.notEqual(form.get("message")?.slice(0, 20), form.get("title")?.slice(0, 20));
  });

async function sent(url: string): Promise<URLSearchParams> {
  const receiver = await startReceiver();
  try {
    const parts = serviceParts({ web: receiver.web });
    await notifierFor(url, parts).send("Rebooting ü", { signal: new AbortController().signal });
    return new URLSearchParams(receiver.received[0]?.body);
  } finally {
    await receiver.close();
  }
}

/** As Pushover's devices do it: the proof, then the text, then what it was before it was packed. */
function opened(field: string | null): string {
  const bytes = Buffer.from(field ?? "", "base64");
  const [sealed, proof] = [bytes.subarray(0, -32), bytes.subarray(-32)];
  const secret = Buffer.from(key, "hex");
  assert.deepEqual(createHmac("sha256", secret).update(sealed).digest(), proof);
  const cipher = createDecipheriv("aes-256-cbc", secret, sealed.subarray(0, 16));
  return gunzipSync(Buffer.concat([cipher.update(sealed.subarray(16)), cipher.final()])).toString();
}
