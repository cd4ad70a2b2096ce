import type { Clock } from "../ports/clock.ts";
import { WebError, type Web, type WebAnswer, type WebRequest } from "../ports/web.ts";
import { activeAlerts, type AlertOptions } from "./alerts.ts";
import { GateError, type Gate } from "./gate.ts";
import { namesInBrackets } from "./names.ts";

/** Closed while Prometheus has active alerts that count. Asks its HTTP API for `ALERTS`, as kured does. */
export function prometheusAlerts(
  options: AlertOptions,
  { web, clock }: { readonly web: Web; readonly clock: Clock },
): Gate {
  return {
    name: "alerts",
    scope: "fleet",
    failure: "prometheus query error",
    ask: async ({ signal }) => {
      const url = queryUrl(options.url);
      const time = (clock.now().wallMs / 1000).toFixed(3);
      const names = activeAlerts(await query(url, { web, time, signal }), options);
      if (names.length === 0) return { kind: "open" };
      const detail = `${names.length} active alerts: ${namesInBrackets(names)}`;
      return { kind: "closed", by: "alert", detail };
    },
  };
}

/** Throws a `GateError` that does not repeat the address, which may hold a password. */
function queryUrl(address: string): string {
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new GateError("the address is none of a server, which begins with http:// or https://");
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/api/v1/query`;
  url.search = "";
  url.hash = "";
  return url.href;
}

async function query(
  url: string,
  { web, time, signal }: { readonly web: Web; readonly time: string; readonly signal: AbortSignal },
): Promise<WebAnswer> {
  const parameters = new URLSearchParams({ query: "ALERTS", time }).toString();
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const posted = await exchange({ method: "POST", url, headers, body: parameters }, { web, signal });
  // Some proxies let nothing but GET through.
  if (posted.status !== 405 && posted.status !== 501) return posted;
  return await exchange({ method: "GET", url: `${url}?${parameters}`, headers: {} }, { web, signal });
}

async function exchange(
  request: WebRequest,
  { web, signal }: { readonly web: Web; readonly signal: AbortSignal },
): Promise<WebAnswer> {
  try {
    return await web(request, { signal });
  } catch (error) {
    if (error instanceof WebError) throw new GateError(error.message, { cause: error });
    throw error;
  }
}
