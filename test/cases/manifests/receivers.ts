import { once } from "node:events";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { freePort } from "../../controlplane/cluster/component.ts";

/** A Prometheus in which one alert fires: the one that the filter of kured 1.13's manifest lets pass. */
export interface PrometheusStub extends AsyncDisposable {
  readonly url: string;
  readonly queries: () => readonly string[];
}

/** Serves until it is disposed of. */
export async function startPrometheus(): Promise<PrometheusStub> {
  const queries: string[] = [];
  const metric = { __name__: "ALERTS", alertname: "RebootRequired", alertstate: "firing" };
  const data = { resultType: "vector", result: [{ metric, value: [1_622_472_933.973, "1"] }] };
  const server = await serve(({ body }) => {
    queries.push(new URLSearchParams(body).get("query") ?? "");
    return JSON.stringify({ status: "success", data });
  });
  return { ...server, queries: () => queries };
}

/** What was posted to a hook, in order. */
export interface HookPost {
  readonly path: string;
  readonly body: unknown;
}

/** A receiver of what kured posts to a hook; it says ok, as Slack does. Serves until it is disposed of. */
export async function startHook(): Promise<
  AsyncDisposable & { readonly url: string; readonly posts: () => readonly HookPost[] }
> {
  const posts: HookPost[] = [];
  const server = await serve(({ path, body }) => {
    posts.push({ path, body: JSON.parse(body) });
    return '"ok"';
  });
  return { ...server, posts: () => posts };
}

async function serve(
  answer: (request: { readonly path: string; readonly body: string }) => string,
): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((request, response) => {
    text(request)
      .then((body) => {
        const json = answer({ path: request.url ?? "", body });
        response.setHeader("content-type", "application/json").end(json);
      })
      .catch(() => response.destroy());
  });
  const port = await freePort();
  await once(server.listen(port, "127.0.0.1"), "listening");
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
