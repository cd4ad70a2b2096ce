import { WebError, type Web, type WebAnswer } from "../../../src/ports/web.ts";
import type { Life } from "../processes/life.ts";
import type { Timeline } from "../time/timeline.ts";

/** What Prometheus says when it is asked for alerts. */
export type AlarmState =
  | "quiet"
  /** An alert fires. */
  | "firing"
  /** It answers with a failure. */
  | "broken"
  /** It does not answer. */
  | "silent";

/** The one Prometheus of a world, and since when it says what it says. */
export class Alarms {
  readonly #timeline: Timeline;
  #state: AlarmState = "quiet";
  #sinceMs = 0;

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
  }

  get state(): AlarmState {
    return this.#state;
  }

  set state(state: AlarmState) {
    if ((state === "quiet") !== (this.#state === "quiet")) this.#sinceMs = this.#timeline.nowMs;
    this.#state = state;
  }

  /** For how long it has not said that all is quiet; 0 while it does. */
  get unquietForMs(): number {
    return this.#state === "quiet" ? 0 : this.#timeline.nowMs - this.#sinceMs;
  }

  /** The line of one process to it. */
  web(life: Life): Web {
    return (_request, { signal }) =>
      new Promise((resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason), { once: true });
        if (this.#state === "silent") return;
        this.#timeline.after(30, () =>
          life.deliver(() => {
            if (this.#state === "broken") reject(new WebError("the connection to prometheus was refused"));
            else resolve(this.#answer());
          }),
        );
      });
  }

  #answer(): WebAnswer {
    const firing = { metric: { alertname: "DiskFull", alertstate: "firing" }, value: [0, "1"] };
    const result = this.#state === "firing" ? [firing] : [];
    return {
      status: 200,
      headers: {},
      body: JSON.stringify({ status: "success", data: { resultType: "vector", result } }),
    };
  }
}
