import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { chatCases, chatRefusals } from "./chat/chats.cases.ts";
import { moreChatCases, moreChatRefusals } from "./chat/more-chats.cases.ts";
import { teamsCases, teamsRefusals } from "./chat/teams.cases.ts";
import { hookCases, hookRefusals } from "./webhook/hooks.cases.ts";
import { slackCases, slackRefusals } from "./chat/slack.cases.ts";
import { goJson } from "./exchange.ts";
import { NotifyError } from "./notifier.ts";
import { notifierFor } from "./registry.ts";
import { alertCases, alertRefusals } from "./ops/alerts.cases.ts";
import { opsFieldCases, opsFieldRefusals } from "./ops/fields.cases.ts";
import { roomCases, roomRefusals } from "./ops/rooms.cases.ts";
import { fieldCases, fieldRefusals } from "./push/fields.cases.ts";
import { hostedCases, hostedRefusals } from "./push/hosted.cases.ts";
import { selfHostedCases, selfHostedRefusals } from "./push/self-hosted.cases.ts";
import type { ExchangeCase, RefusedCase } from "./testing/exchange-case.ts";
import { serviceParts } from "./testing/parts.ts";
import { startReceiver, type Receiver } from "./testing/receiver.ts";
import { UrlRefused } from "./url/url-refused.ts";

const cases: readonly ExchangeCase[] = [
  ...slackCases,
  ...chatCases,
  ...moreChatCases,
  ...teamsCases,
  ...hookCases,
  ...selfHostedCases,
  ...hostedCases,
  ...alertCases,
  ...roomCases,
  ...fieldCases,
  ...opsFieldCases,
];

const refusals: readonly RefusedCase[] = [
  ...slackRefusals,
  ...chatRefusals,
  ...moreChatRefusals,
  ...teamsRefusals,
  ...hookRefusals,
  ...selfHostedRefusals,
  ...hostedRefusals,
  ...alertRefusals,
  ...roomRefusals,
  ...fieldRefusals,
  ...opsFieldRefusals,
  { url: "carrier-pigeon://roof", refused: /^unknown service "carrier-pigeon"$/ },
  { url: "slack+https://hooks.slack.com/x", refused: /^custom URLs are not supported by 'slack' service$/ },
  { url: "generics+https://example.com/", refused: /^unknown service "generics"$/ },
  {
    url: "discord+https://discord.com/api/webhooks/1/x",
    refused: /^custom URLs are not supported by 'discord' service$/,
  },
  { url: "no-scheme", refused: /^missing protocol scheme$/ },
  { url: "", refused: /^missing protocol scheme$/ },
];

let receiver: Receiver;
before(async () => {
  receiver = await startReceiver();
});
after(() => receiver.close());

for (const { says, url, message = "Draining node node-1", replies = [{}], sends, warns = [], fails, final } of cases)
  test(says, async () => {
    receiver.expect(...replies);
    const notifier = notifierFor(url, parts());
    assert.deepEqual(notifier.warnings ?? [], warns);
    const error = await notifier.send(message, { signal: new AbortController().signal }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    const got = receiver.received.map(({ method, url: asked, headers, body }, at) => {
      const looked = Object.keys(sends[at]?.headers ?? {}).map((name) => [name, headers[name]]);
      return { method, url: asked, headers: Object.fromEntries(looked), body };
    });
    const expected = sends.map(({ method = "POST", url: asked, headers = {}, body = "" }) => {
      return { method, url: asked, headers, body: typeof body === "string" ? body : goJson(body) };
    });
    assert.deepEqual(got, expected);
    if (fails === undefined) assert.equal(error, undefined);
    else {
      assert.ok(error instanceof NotifyError, String(error));
      assert.match(error.message, fails);
      if (final !== undefined) assert.equal(error.final, final);
    }
  });

for (const { url, refused } of refusals)
  test(`${url} is refused before anything is sent`, () => {
    assert.throws(
      () => notifierFor(url, parts()),
      (error) => error instanceof UrlRefused && refused.test(error.message),
    );
  });

test("a service that cannot be reached is worth another try", async () => {
  const gone = await startReceiver();
  await gone.close();
  const slack = notifierFor(slackCases[0]?.url ?? "", { ...parts(), web: gone.web });
  await assert.rejects(slack.send("text", unending()), (error) => error instanceof NotifyError && !error.final);
});

function unending(): { readonly signal: AbortSignal } {
  return { signal: new AbortController().signal };
}

function parts() {
  return serviceParts({ web: receiver.web });
}
