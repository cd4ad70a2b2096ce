import { BlockList, isIP } from "node:net";
import { WebError } from "../../ports/web.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy that the environment names for a URL, by the rules of Go's `net/http`, which are not Node's: `HTTPS_PROXY`
 * for https and `HTTP_PROXY` for http, never for this machine itself, and not for what `NO_PROXY` lists: names with
 * all names below them, addresses, networks as `10.0.0.0/8`, each perhaps with a port. `undefined` for a direct
 * connection. Throws a `WebError` where the proxy is none that can be used.
 */
export function proxyFor(target: URL, env: Environment): URL | undefined {
  const name = target.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY";
  const written = (env[name] || env[name.toLowerCase()]) ?? "";
  if (written === "" || isExempt(target, env["NO_PROXY"] || env["no_proxy"] || "")) return undefined;
  const text = /^(https?|socks5h?):\/\//i.test(written) ? written : `http://${written}`;
  const proxy = URL.canParse(text) ? new URL(text) : undefined;
  if (proxy === undefined) throw new WebError(`${name} is not the address of a proxy`);
  if (!/^https?:$/.test(proxy.protocol)) throw new WebError(`${name}: only proxies of HTTP are supported, no SOCKS`);
  return proxy;
}

interface Host {
  /** In lower case, without brackets. */
  readonly name: string;
  readonly port: string;
}

function isExempt(target: URL, noProxy: string): boolean {
  const host = {
    name: target.hostname.replace(/^\[(.*)\]$/, "$1").toLowerCase(),
    port: target.port || (target.protocol === "https:" ? "443" : "80"),
  };
  if (host.name === "localhost" || isLoopback(host.name)) return true;
  const entries = noProxy.split(",").map((entry) => entry.trim().toLowerCase());
  return entries.some((entry) => entry !== "" && (entry === "*" || matches(host, entry)));
}

function isLoopback(name: string): boolean {
  return isIP(name) !== 0 && (isWithin(name, { network: "127.0.0.0", bits: 8 }) || name === "::1");
}

function matches(host: Host, entry: string): boolean {
  const [, network = "", bits = ""] = /^([0-9a-f.:]+)\/(\d{1,3})$/.exec(entry) ?? [];
  if (isIP(network) !== 0) return isIP(host.name) !== 0 && isWithin(host.name, { network, bits: Number(bits) });
  const { name, port } = entryHost(entry);
  if (port !== "" && port !== host.port) return false;
  if (isIP(name) !== 0)
    return isIP(host.name) !== 0 && isWithin(host.name, { network: name, bits: name.includes(":") ? 128 : 32 });
  // `example.com` is itself and all below it, `.example.com` and `*.example.com` only those below.
  const below = name.replace(/^\*(?=\.)/, "");
  return below.startsWith(".") ? host.name.endsWith(below) : host.name === below || host.name.endsWith(`.${below}`);
}

/** `name`, `name:port`, `address`, `[address]:port`; an address of version 6 without brackets has no port. */
function entryHost(entry: string): Host {
  if (isIP(entry) !== 0) return { name: entry, port: "" };
  const [, bracketed, plain = "", port = ""] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d*))?$/.exec(entry) ?? [];
  return { name: bracketed ?? plain, port };
}

function isWithin(address: string, { network, bits }: { readonly network: string; readonly bits: number }): boolean {
  const family = isIP(network) === 6 ? "ipv6" : "ipv4";
  if (bits > (family === "ipv6" ? 128 : 32)) return false;
  const list = new BlockList();
  list.addSubnet(network, bits, family);
  return list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}
