import type { WebAnswer, WebRequest } from "../../ports/web.ts";

/**
 * The request that a redirect asks for, by the rules of Go's client: 307 and 308 repeat it, 301, 302 and 303 make a
 * GET of it. `undefined` where the answer is none. Unlike with Go, another host, or the same one without TLS, gets none
 * of our own headers: many of them are credentials, whatever their name.
 */
export function redirected(request: WebRequest, { status, headers }: WebAnswer): WebRequest | undefined {
  const { location } = headers;
  if (location === undefined || !URL.canParse(location, request.url)) return undefined;
  const target = new URL(location, request.url);
  const from = new URL(request.url);
  const trusted = target.host === from.host && (target.protocol === "https:" || from.protocol === "http:");
  if (trusted && target.username === "") [target.username, target.password] = [from.username, from.password];
  const harmless = ["accept", "content-type", "user-agent"];
  const kept = Object.entries(request.headers).filter(([name]) => trusted || harmless.includes(name.toLowerCase()));
  if (status === 307 || status === 308) return { ...request, url: target.href, headers: Object.fromEntries(kept) };
  if (status !== 301 && status !== 302 && status !== 303) return undefined;
  const headersOfGet = Object.fromEntries(kept.filter(([name]) => name.toLowerCase() !== "content-type"));
  const { skipTlsVerify = false } = request;
  return { method: "GET", url: target.href, headers: headersOfGet, skipTlsVerify };
}
