import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { selfSigned } from "../../../sim/apiserver/fronts/certificate.ts";
import { StreamError, type OpenStream, type StreamAddress } from "../../ports/stream.ts";
import { NotifyError } from "../notifier.ts";
import { notifierFor } from "../registry.ts";
import { startBroker, type Broker, type BrokerAnswers } from "../testing/broker.ts";
import { startReceiver } from "../testing/receiver.ts";
import { serviceParts } from "../testing/parts.ts";
import { UrlRefused } from "../url/url-refused.ts";

const random = { next: () => 0, hex: () => "00ff" };

function hex(text: string): string {
  return Buffer.from(text).toString("hex");
}

test("a message is published to a topic, and the session is ended", async (t) => {
  const broker = await brokerFor(t);
  await send(`mqtt://127.0.0.1:${broker.port}/ops/reboots`, "Rebooting ü");
  assert.deepEqual(await told(broker), [
    // Level 5, a clean start, half a minute, no properties; then the name.
    `1017${"0004"}${hex("MQTT")}05${"02"}001e00${"000a"}${hex("kured-00ff")}`,
    `301a${"000b"}${hex("ops/reboots")}00${hex("Rebooting ü")}`,
    "e000",
  ]);
});

test("user, password and name are the broker's to judge", async (t) => {
  const broker = await brokerFor(t);
  await send(`mqtt://me:p%40ss@127.0.0.1:${broker.port}/t?clientid=node&cleansession=no`);
  const [login] = await told(broker);
  assert.equal(login, `101b0004${hex("MQTT")}05c0001e000004${hex("node")}0002${hex("me")}0004${hex("p@ss")}`);
});

test("quality 1 waits for one answer, quality 2 for two; a broker may keep the message for those who come", async (t) => {
  const once = await brokerFor(t);
  await send(`mqtt://127.0.0.1:${once.port}/t?qos=1&retained=yes`, "x");
  assert.deepEqual((await told(once)).slice(1), [`33070001${hex("t")}000100${hex("x")}`, "e000"]);
  const twice = await brokerFor(t);
  await send(`mqtt://127.0.0.1:${twice.port}/t?qos=exactlyonce`, "x");
  assert.deepEqual((await told(twice)).slice(1), [`34070001${hex("t")}000100${hex("x")}`, "62020001", "e000"]);
});

test("a long message has a length of more than one byte", async (t) => {
  const broker = await brokerFor(t);
  await send(`mqtt://127.0.0.1:${broker.port}/t?qos=1`, "x".repeat(20_000));
  assert.equal(broker.packets[1]?.slice(0, 22), `32a69c010001${hex("t")}00010078`);
});

test("by TLS, whose certificate is looked at unless the URL says otherwise", async (t) => {
  const broker = await brokerFor(t, {}, selfSigned({ nowMs: Date.now() }));
  const url = `mqtts://127.0.0.1:${broker.port}/t?qos=1`;
  const error = await refusal(url);
  assert.match(error.message, /^failed to send mqtt notification: 127\.0\.0\.1:\d+: self.signed certificate$/);
  assert.deepEqual([error.final, broker.packets], [false, []]);
  await send(`${url}&disabletlsverification=yes`);
  assert.equal((await told(broker)).length, 3);
});

const refusals: readonly (readonly [says: string, answers: Partial<BrokerAnswers>, words: RegExp, final: boolean])[] = [
  ["a wrong password is final", { connect: "2003008600" }, /: bad user name or password \(134\)$/, true],
  ["a broker that is busy is asked again", { connect: "2003008900" }, /: the broker is busy \(137\)$/, false],
  ["a broker of version 3 is told of", { connect: "20020001" }, /: the broker does not speak MQTT 5 \(1\)$/, true],
  ["a topic that is not ours to write to", { publish: "4004000187" + "00" }, /: not authorised \(135\)$/, true],
  ["a quota that is exceeded", { publish: "40040001" + "9700" }, /: a quota is exceeded \(151\)$/, false],
  ["a broker that ends the session with a reason", { publish: "e0018b" }, /: the broker shuts down \(139\)$/, false],
  ["a broker that ends the session without one", { publish: "e000" }, /: refused \(0\)$/, false],
  ["an answer that is another's", { publish: "d000" }, /: the broker answered something else$/, true],
  ["a broker that hangs up", { publish: "end" }, /: the broker hung up$/, false],
  ["a length that is none", { connect: "20ffffffff7f" }, /: what answers is no MQTT broker$/, true],
];

for (const [says, answers, words, final] of refusals)
  test(`mqtt: ${says}`, async (t) => {
    const broker = await brokerFor(t, answers);
    const error = await refusal(`mqtt://me:secret@127.0.0.1:${broker.port}/t?qos=1`);
    assert.match(error.message, words);
    assert.equal(error.final, final);
  });

test("an answer that nobody listens to the topic is a yes", async (t) => {
  const broker = await brokerFor(t, { publish: "40030001" + "10" });
  await send(`mqtt://127.0.0.1:${broker.port}/t?qos=1`);
  assert.equal((await told(broker)).length, 3);
});

test("a web server is no broker, and one that is gone is worth another try", async () => {
  const web = await startReceiver();
  const url = `mqtt://127.0.0.1:${new URL(web.address).port}/t`;
  assert.match((await refusal(url)).message, /no MQTT broker|hung up|something else/);
  await web.close();
  const gone = await refusal(url);
  assert.match(gone.message, /^failed to send mqtt notification: 127\.0\.0\.1:\d+: .*ECONNREFUSED/);
  assert.equal(gone.final, false);
});

test("a broker that says nothing is given up on when the deadline has passed", async (t) => {
  const broker = await brokerFor(t, { connect: "" });
  const stop = new AbortController();
  const sending = send(`mqtt://127.0.0.1:${broker.port}/t`, "x", stop.signal);
  while (broker.packets.length === 0) await new Promise((resolve) => setImmediate(resolve));
  stop.abort(new Error("deadline"));
  await assert.rejects(sending, /^Error: deadline$/);
});

const addresses: Readonly<Record<string, StreamAddress>> = {
  "mqtt://h/t": { hostname: "h", port: 1883, tls: "none" },
  "mqtts://h/t": { hostname: "h", port: 8883, tls: "verified" },
  "mqtts://[::1]:1/t?disabletlsverification=yes": { hostname: "::1", port: 1, tls: "unverified" },
  "mqtts://h/t?disabletls=yes": { hostname: "h", port: 1883, tls: "none" },
};

for (const [url, address] of Object.entries(addresses))
  test(`${url} is a broker at port ${address.port}`, async () => {
    const asked: StreamAddress[] = [];
    const openStream: OpenStream = (to) => {
      asked.push(to);
      return Promise.reject(new StreamError("no network"));
    };
    const sending = notifierFor(url, serviceParts({ openStream })).send("x", { signal: new AbortController().signal });
    await assert.rejects(sending, /^NotifyError: failed to send mqtt notification: no network$/);
    assert.deepEqual(asked, [address]);
  });

const warnings: Readonly<Record<string, readonly string[]>> = {
  "mqtt://h/t?disabletlsverification=yes": ["disabletlsverification has no effect: mqtt:// is not encrypted"],
  "mqtts://h/t?disabletls=yes": ["mqtts:// is not encrypted: disabletls says so"],
  "mqtts://h/t#more": ["what is behind # has no effect: write %23 where it is meant"],
};

for (const [url, expected] of Object.entries(warnings))
  test(`${url} is not all that it seems, and that is said`, () => {
    assert.deepEqual(notifierFor(url, serviceParts()).warnings, expected);
  });

const noUrls: Readonly<Record<string, RegExp>> = {
  "mqtt:///t": /^host missing from config URL$/,
  "mqtt://h/": /^topic missing from config URL$/,
  "mqtt://h/a/+/b": /^a topic to write to has no wildcards$/,
  "mqtt://h/a/%23": /^a topic to write to has no wildcards$/,
  "mqtt://h/t?qos=3": /^invalid value for qos: not a one of AtMostOnce, AtLeastOnce, ExactlyOnce$/,
  "mqtt://h/t?colour=red": /^colour is not a valid config key /,
};

for (const [url, words] of Object.entries(noUrls))
  test(`${url} is refused before anything is sent`, () => {
    assert.throws(
      () => notifierFor(url, serviceParts()),
      (error) => error instanceof UrlRefused && words.test(error.message),
    );
  });

async function brokerFor(
  t: TestContext,
  answers: Partial<BrokerAnswers> = {},
  tls?: { readonly key: string; readonly cert: string },
): Promise<Broker> {
  const broker = await startBroker(answers, tls);
  t.after(() => broker.close());
  return broker;
}

async function send(url: string, message = "Rebooting", signal = new AbortController().signal): Promise<void> {
  await notifierFor(url, serviceParts({ random })).send(message, { signal });
}

/** What a broker was told in one whole session; nobody waits for it to hear the farewell. */
async function told({ packets }: Broker): Promise<readonly string[]> {
  while (packets.at(-1) !== "e000") await new Promise((resolve) => setImmediate(resolve));
  return packets;
}

async function refusal(url: string): Promise<NotifyError> {
  const error: unknown = await send(url).catch((reason: unknown) => reason);
  assert.ok(error instanceof NotifyError, String(error));
  return error;
}
