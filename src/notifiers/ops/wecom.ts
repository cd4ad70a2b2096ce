import { exchange, jsonObject, jsonPost, refusedBy, saying } from "../exchange.ts";
import { NotifyError } from "../notifier.ts";
import type { Notifier } from "../notifier.ts";
import type { ServiceParts } from "../service.ts";
import { readProperties } from "../url/properties.ts";
import { list } from "../url/property-types.ts";
import { escapeQuery } from "../url/query.ts";
import type { ServiceUrl } from "../url/service-url.ts";
import { UrlRefused } from "../url/url-refused.ts";

const properties = { mentioned_list: list(), mentioned_mobile_list: list() };

const messageBytesMax = 4096;

/** `wecom://key`: a group's robot of WeCom. */
export function wecomNotifier(url: ServiceUrl, { web }: ServiceParts): Notifier {
  const mentions = Object.entries(readProperties(url, properties)).filter(([, names]) => names.length > 0);
  if (url.hostname === "") throw new UrlRefused("key missing from config URL");
  const target = `https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=${escapeQuery(url.hostname)}`;
  return {
    name: "wecom",
    send: async (message, { signal }) => {
      if (Buffer.byteLength(message) > messageBytesMax) {
        throw new NotifyError(`message exceeds max size (${messageBytesMax} bytes)`, { final: true });
      }
      const body = { msgtype: "text", text: { content: message, ...Object.fromEntries(mentions) } };
      const answer = await exchange(jsonPost(target, { body }), { web, signal });
      const reply = jsonObject(answer);
      if (answer.status === 200 && reply?.["errcode"] === 0) return;
      const why = reply ? `${saying(reply["errmsg"])} (${saying(reply["errcode"])})` : `status ${answer.status}`;
      throw refusedBy(answer, `failed to send wecom notification: ${why}`);
    },
  };
}
