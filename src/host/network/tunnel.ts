import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Duplex } from "node:stream";

/**
 * A connection through a proxy to the host of an https URL, for TLS to be spoken over. It is our own because Node's
 * cannot be given up: a proxy that never answers would be waited for without end. The caller destroys it.
 */
export async function tunnelThrough(
  proxy: URL,
  { target, signal }: { readonly target: URL; readonly signal: AbortSignal },
): Promise<Duplex> {
  const { promise, resolve, reject } = Promise.withResolvers<Duplex>();
  const path = `${target.hostname}:${target.port || 443}`;
  const { hostname, username, password } = proxy;
  const words = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const proof = username === "" ? {} : { "proxy-authorization": `Basic ${Buffer.from(words).toString("base64")}` };
  const secure = proxy.protocol === "https:";
  const outgoing = (secure ? httpsRequest : httpRequest)({
    host: hostname.replace(/^\[(.*)\]$/, "$1"),
    port: proxy.port || (secure ? 443 : 80),
    method: "CONNECT",
    path,
    headers: { host: path, ...proof },
    agent: false,
    signal,
  });
  outgoing.on("connect", ({ statusCode }: IncomingMessage, socket: Duplex) => {
    if (statusCode === 200) return resolve(socket);
    socket.destroy();
    reject(new Error(`the proxy answers ${statusCode ?? "nothing"}`));
  });
  // What answers a CONNECT like any other request is no proxy.
  outgoing.on("response", (answer) => {
    answer.destroy();
    reject(new Error("the proxy makes no connection"));
  });
  outgoing.on("error", (error) => reject(new Error(`the proxy cannot be asked: ${error.message}`)));
  outgoing.end();
  return await promise;
}
