import { parseJson, textAt } from "../../../sim/apiserver/objects/json.ts";
import type { Json } from "../../../sim/apiserver/objects/json.ts";
import type { HttpResponse } from "../../../src/ports/transport.ts";
import { filled, filledText } from "./placeholders.ts";
import type { Ask, Step } from "./step.ts";
import type { Subject } from "./subject.ts";

/** What a server said to one step. */
export type Heard =
  /** Whole; of a body that is no JSON, the text. */
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: Json;
    }
  /** Lines of a watch; `ended` when the server has ended it. */
  | { readonly kind: "events"; readonly events: readonly Json[]; readonly ended: boolean }
  /** Nothing that counts. */
  | { readonly kind: "nothing" };

export interface PlayOptions {
  /** For `$(ns)`. */
  readonly namespace: string;
  readonly signal: AbortSignal;
}

/** Longer than any watch of a case is asked to last. */
const readDeadlineMs = 15_000;

/** Does one step after the other, and answers what was heard at each. */
export async function play(
  subject: Subject,
  steps: readonly Step[],
  { namespace, signal }: PlayOptions,
): Promise<readonly Heard[]> {
  const known = new Map<string, Json>([["ns", namespace]]);
  const watches = new Map<string, OpenWatch>();
  const end = new AbortController();
  const both = AbortSignal.any([signal, end.signal]);
  const heard: Heard[] = [];
  try {
    for (const step of steps) heard.push(await take(step));
    return heard;
  } finally {
    end.abort(new Error("The case is over"));
  }

  async function take(step: Step): Promise<Heard> {
    switch (step.kind) {
      case "ask":
        return ask(step);
      case "open": {
        const { path, headers = {} } = step;
        const request = { method: "GET", path: filledText(path, known), headers } as const;
        const response = await subject.transports.admin(request, { signal: both });
        if (response.status !== 200) return whole(response);
        watches.set(step.watch, new OpenWatch(response));
        return { kind: "answer", status: response.status, headers: response.headers, body: null };
      }
      case "read": {
        const watch = watches.get(step.watch);
        if (watch === undefined) return { kind: "nothing" };
        return { kind: "events", ...(await watch.read(step.events)) };
      }
      case "compact":
        await subject.compact();
        return { kind: "nothing" };
    }
  }

  async function ask({ method, path, headers, body, label, by = "admin" }: Ask): Promise<Heard> {
    const sent = body === undefined ? undefined : filled(body, known);
    const request = {
      method,
      path: filledText(path, known),
      headers,
      ...(sent !== undefined && { body: typeof sent === "string" ? sent : JSON.stringify(sent) }),
    };
    const answer = await whole(await subject.transports[by](request, { signal: both }));
    if (label !== undefined && (answer.status < 300 || answer.status === 410)) known.set(label, answer.body);
    return answer;
  }
}

async function whole(response: HttpResponse): Promise<Heard & { readonly kind: "answer" }> {
  const { status, headers, body } = response;
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  return { kind: "answer", status, headers, body: parseJson(text) ?? text };
}

/** Reads on in the background, so that nothing is late because the case does something else. */
class OpenWatch {
  readonly #lines: Json[] = [];
  #ended = false;
  #wake = (): void => undefined;

  constructor({ body }: HttpResponse) {
    this.#readOn(body).catch(() => this.#end());
  }

  async read(wanted: number | "all" | "last"): Promise<{ readonly events: readonly Json[]; readonly ended: boolean }> {
    const deadlineMs = Date.now() + readDeadlineMs;
    const count = typeof wanted === "number" ? wanted : Infinity;
    const hasEnough = (): boolean =>
      wanted === "last"
        ? this.#lines.some((line) => /(^|-)last$/.test(textAt(line, "object", "metadata", "name") ?? ""))
        : this.#lines.length >= count;
    while (!hasEnough() && !this.#ended && Date.now() < deadlineMs) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, deadlineMs - Date.now());
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return { events: this.#lines.splice(0, count), ended: this.#ended && wanted === "all" };
  }

  async #readOn(body: HttpResponse["body"]): Promise<void> {
    const decoder = new TextDecoder();
    let rest = "";
    for await (const chunk of body) {
      const lines = `${rest}${decoder.decode(chunk, { stream: true })}`.split("\n");
      rest = lines.pop() ?? "";
      this.#lines.push(...lines.map((line) => parseJson(line) ?? line));
      this.#wake();
    }
    this.#end();
  }

  #end(): void {
    this.#ended = true;
    this.#wake();
  }
}
