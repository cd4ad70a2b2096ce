import { exchange, jsonObject, jsonPost, refusedBy, saying } from "../exchange.ts";
import { NotifyError } from "../notifier.ts";
import type { Notifier } from "../notifier.ts";
import type { ServiceParts } from "../service.ts";
import { readProperties } from "../url/properties.ts";
import { text } from "../url/property-types.ts";
import type { ServiceUrl } from "../url/service-url.ts";
import { UrlRefused } from "../url/url-refused.ts";
import { withoutEffect } from "../url/without-effect.ts";

const properties = { secret: text(), title: text(), link: text() };

const messageBytesMax = 4096;

/** `lark://open.larksuite.com/token`, or `open.feishu.cn`: a group's robot, with its secret where it asks for one. */
export function larkNotifier(url: ServiceUrl, { web, clock }: ServiceParts): Notifier {
  const { secret, title, link } = readProperties(url, properties);
  const token = url.path.replace(/^\//, "");
  if (!["open.larksuite.com", "open.feishu.cn"].includes(url.hostname)) {
    throw new UrlRefused("invalid host: must be open.larksuite.com or open.feishu.cn");
  }
  if (token === "") throw new UrlRefused("token missing from config URL");
  const target = `https://${url.hostname}/open-apis/bot/v2/hook/${encodeURIComponent(token)}`;
  return {
    name: "lark",
    warnings: title === "" ? withoutEffect(url, ["link"], "only a message with a title has one") : [],
    send: async (message, { signal }) => {
      if (Buffer.byteLength(message) > messageBytesMax) {
        throw new NotifyError(`message exceeds max size (${messageBytesMax} bytes)`, { final: true });
      }
      const timestamp = String(Math.floor(clock.now().wallMs / 1_000));
      const proof = secret === "" ? {} : { timestamp, sign: await signatureOf(timestamp, secret) };
      const body = { ...contentOf(message, { title, link }), ...proof };
      const answer = await exchange(jsonPost(target, { body }), { web, signal });
      const reply = jsonObject(answer);
      if (answer.status === 200 && reply?.["code"] === 0) return;
      const why = reply ? `${saying(reply["msg"])} (${saying(reply["code"])})` : `status ${answer.status}`;
      throw refusedBy(answer, `failed to send lark notification: ${why}`);
    },
  };
}

function contentOf(message: string, { title, link }: { readonly title: string; readonly link: string }) {
  if (title === "") return { msg_type: "text", content: { text: message } };
  const said = { tag: "text", text: message };
  const line = link === "" ? [said] : [said, { tag: "a", text: "Link", href: link }];
  return { msg_type: "post", content: { post: { en_us: { title, content: [line] } } } };
}

/** Lark's scheme: time and secret are the key, and nothing is what is signed. */
async function signatureOf(timestamp: string, secret: string): Promise<string> {
  // oxlint-disable-next-line no-restricted-globals -- A digest: there is no chance in it.
  const { subtle } = crypto;
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await subtle.importKey("raw", Buffer.from(`${timestamp}\n${secret}`), algorithm, false, ["sign"]);
  return Buffer.from(await subtle.sign("HMAC", key, new Uint8Array())).toString("base64");
}
