import assert from "node:assert/strict";
import { test } from "node:test";
import { WebError } from "../../ports/web.ts";
import { proxyFor } from "./proxy.ts";

const proxies = { HTTPS_PROXY: "http://secure.example.com:3128", HTTP_PROXY: "http://plain.example.com:3128" };

test("https has one proxy and http the other, and none has none", () => {
  assert.equal(proxyFor(new URL("https://h/"), proxies)?.host, "secure.example.com:3128");
  assert.equal(proxyFor(new URL("http://h/"), proxies)?.host, "plain.example.com:3128");
  assert.equal(proxyFor(new URL("https://h/"), { HTTP_PROXY: "p", ALL_PROXY: "p" }), undefined);
});

test("names in capitals come first; an empty one is none", () => {
  const both = {
    HTTPS_PROXY: "",
    https_proxy: "http://small:1",
    HTTP_PROXY: "http://capital:1",
    http_proxy: "http://x",
  };
  assert.equal(proxyFor(new URL("https://h/"), both)?.host, "small:1");
  assert.equal(proxyFor(new URL("http://h/"), both)?.host, "capital:1");
});

test("a proxy may be written without its scheme, and with a password", () => {
  const proxy = proxyFor(new URL("https://h/"), { HTTPS_PROXY: "me:s3cret@proxy:3128" });
  assert.equal(proxy?.href, "http://me:s3cret@proxy:3128/");
});

for (const written of ["socks5://me:s3cret@proxy:1080", "http://me:s3cret@pro xy", "http://me:s3cret@proxy:port"])
  test(`${written} is no proxy for us, and that is said without its password`, () => {
    assert.throws(
      () => proxyFor(new URL("https://h/"), { HTTPS_PROXY: written }),
      (error) => error instanceof WebError && error.message.startsWith("HTTPS_PROXY") && !/s3cret/.test(error.message),
    );
  });

for (const url of ["http://localhost:9090/", "http://127.0.0.1/", "http://127.8.9.1/", "http://[::1]:80/"])
  test(`${url} is this machine and never asked for through a proxy`, () => {
    assert.equal(proxyFor(new URL(url), proxies), undefined);
  });

/** What NO_PROXY says, and hosts that it means and does not mean. */
const exemptions: readonly (readonly [noProxy: string, direct: readonly string[], proxied: readonly string[]])[] = [
  ["", [], ["example.com", "10.0.0.1", "mylocalhost"]],
  ["*", ["example.com", "10.0.0.1", "[2001:db8::1]"], []],
  ["example.com", ["example.com", "EXAMPLE.com", "a.example.com", "a.b.example.com:8443"], ["badexample.com", "com"]],
  [".example.com", ["a.example.com"], ["example.com"]],
  ["*.example.com", ["a.example.com"], ["example.com"]],
  [".svc,.cluster.local", ["prometheus.monitoring.svc", "a.svc.cluster.local"], ["svc", "prometheus.monitoring"]],
  [" a.com , b.com,,", ["a.com", "b.com"], ["c.com"]],
  ["example.com:443", ["example.com", "example.com:443"], ["example.com:8443"]],
  ["10.0.0.1", ["10.0.0.1", "10.0.0.1:9090"], ["10.0.0.10", "10.0.0.2"]],
  ["10.0.0.1:9090", ["10.0.0.1:9090"], ["10.0.0.1"]],
  ["10.0.0.0/8,192.168.0.0/16", ["10.200.3.4", "192.168.1.1"], ["11.0.0.1", "10.example.com"]],
  ["2001:db8::/32,[fd00::1]:443", ["[2001:db8::7]", "[fd00::1]"], ["[2001:db9::7]", "[fd00::1]:8443"]],
  ["10.0.0.0/33", [], ["10.0.0.1"]],
];

for (const [noProxy, direct, proxied] of exemptions)
  test(`NO_PROXY=${noProxy} means what it means to Go`, () => {
    const env = { ...proxies, NO_PROXY: noProxy };
    const isDirect = (host: string): boolean => proxyFor(new URL(`https://${host}/`), env) === undefined;
    assert.deepEqual(
      direct.filter((host) => !isDirect(host)),
      [],
    );
    assert.deepEqual(proxied.filter(isDirect), []);
  });

test("no_proxy in small letters counts too", () => {
  assert.equal(proxyFor(new URL("https://h/"), { ...proxies, no_proxy: "h" }), undefined);
});
