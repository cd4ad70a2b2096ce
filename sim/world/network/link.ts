import { TransportError } from "../../../src/ports/transport.ts";
import type { HttpRequest, HttpResponse, Transport } from "../../../src/ports/transport.ts";
import type { Life } from "../processes/life.ts";
import type { Dice } from "../time/dice.ts";
import type { Timeline } from "../time/timeline.ts";
import { carried } from "./carried.ts";
import { stormAnswer } from "./storm.ts";
import type { Fate, Network } from "./weather.ts";

/** Where in a request a process may be killed. */
export type CrashMoment = "before" | "unanswered" | "after";

/** One process's line to the API server. */
export interface LinkParts {
  /** The API server itself, as this process's user. */
  readonly front: Transport;
  readonly timeline: Timeline;
  readonly network: Network;
  readonly dice: Dice;
  readonly life: Life;
  /** The machine that it runs on. */
  readonly machine: string;
  /** What a request is about; asked before it is sent, because what it changes changes the answer. */
  readonly actOf: (request: HttpRequest) => string;
  /** Asked at each moment of each act; kills the process if it says so. */
  readonly crashes: (act: string, moment: CrashMoment) => boolean;
}

/** The network between one process and the API server, with all that may happen there. */
export function link(parts: LinkParts): Transport {
  const { network, machine, life, actOf, crashes } = parts;
  return (request, { signal }) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      if (life.state === "dead") return;
      const act = actOf(request);
      if (crashes(act, "before")) return;
      const fate = network.fateOf(request, { machine });
      const line = new AbortController();
      const forget = life.onDeath(() => line.abort(new TransportError("The other end is gone")));
      line.signal.addEventListener("abort", forget, { once: true });
      const giveUp = (): void => {
        settled();
        line.abort(signal.reason);
        reject(signal.reason);
      };
      const settled = (): void => {
        forget();
        signal.removeEventListener("abort", giveUp);
      };
      signal.addEventListener("abort", giveUp, { once: true });
      const answered = (response: HttpResponse): void => {
        signal.removeEventListener("abort", giveUp);
        // The body is read on the same line; whoever gives it up, or dies, gives the line up.
        signal.addEventListener("abort", () => line.abort(signal.reason), { once: true });
        resolve(response);
      };
      const failed = (error: Error): void => {
        settled();
        reject(error);
      };
      travel(request, { ...parts, act, fate, line, answered, failed });
    });
}

interface Journey extends LinkParts {
  readonly act: string;
  readonly fate: Fate;
  readonly line: AbortController;
  readonly answered: (response: HttpResponse) => void;
  readonly failed: (error: Error) => void;
}

function travel(request: HttpRequest, journey: Journey): void {
  const { timeline, life, fate, line, failed, dice, answered } = journey;
  switch (fate.outcome) {
    case "vanished":
      return;
    case "refused":
      timeline.after(fate.upMs, () => life.deliver(() => failed(new TransportError("The connection was refused"))));
      return;
    case "stormed": {
      const { text, ...head } = stormAnswer(dice);
      timeline.after(fate.upMs + fate.downMs, () => life.deliver(() => answered({ ...head, body: spoken(text) })));
      return;
    }
    default:
      timeline.after(fate.upMs, () => {
        // A socket that was closed may still have something in it that the server reads.
        if (!line.signal.aborted || fate.afterlife) arrive(request, journey);
      });
      if (fate.doubledAfterMs !== undefined) {
        timeline.after(fate.upMs + fate.doubledAfterMs, () => arriveAgain(request, journey));
      }
  }
}

function arrive(request: HttpRequest, journey: Journey): void {
  const { front, timeline, life, act, fate, line, answered, failed, crashes } = journey;
  const signal = line.signal.aborted ? new AbortController().signal : line.signal;
  front(request, { signal }).then(
    (response) => {
      if (life.state !== "dead" && crashes(act, "unanswered")) return;
      if (fate.outcome === "answerVanished") return;
      const body = carried(response.body, { ...journey, isWatch: isWatch(request), torn: fate.outcome === "torn" });
      timeline.after(fate.downMs, () =>
        life.deliver(() => {
          if (fate.outcome === "answerLost") return failed(new TransportError("The connection was reset"));
          answered({ ...response, body });
          // Only after everything that follows from the answer has been begun.
          timeline.after(0, () => crashes(act, "after"));
        }),
      );
    },
    (error: unknown) => {
      if (error instanceof TransportError) timeline.after(fate.downMs, () => life.deliver(() => failed(error)));
    },
  );
}

/** Whatever repeats it on the way hears the answer instead of us. */
function arriveAgain(request: HttpRequest, { front }: Journey): void {
  if (isWatch(request)) return;
  front(request, { signal: new AbortController().signal }).catch(() => undefined);
}

function isWatch({ path }: HttpRequest): boolean {
  return path.includes("watch=true");
}

async function* spoken(text: string): HttpResponse["body"] {
  yield new TextEncoder().encode(text);
}
