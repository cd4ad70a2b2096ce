import type { HttpRequest } from "../../../src/ports/transport.ts";
import type { Dice } from "../time/dice.ts";
import type { Timeline } from "../time/timeline.ts";

/** How often what goes wrong between processes and the API server; shares of one. */
export interface Weather {
  /** One way, at its slowest. */
  readonly slowestMs: number;
  /** A request that never arrives. */
  readonly lost: number;
  /** A request that is served and whose answer never arrives. */
  readonly unanswered: number;
  /** Of those, how many are told by a broken connection at once; of the others nothing is heard at all. */
  readonly told: number;
  /** A request that is served a second time some seconds later. */
  readonly doubled: number;
  /** A request or an answer that takes seconds, so that later ones overtake it. */
  readonly late: number;
  /** A request that is given up by its process and served all the same. */
  readonly afterlife: number;
  /** An answer whose body breaks off. */
  readonly torn: number;
}

/** A mild day. */
export const calm: Weather = {
  slowestMs: 20,
  lost: 0,
  unanswered: 0,
  told: 0.5,
  doubled: 0,
  late: 0,
  afterlife: 0,
  torn: 0,
};

/** What becomes of one request. */
export interface Fate {
  readonly upMs: number;
  readonly downMs: number;
  readonly outcome:
    | "served"
    /** The process hears of a broken connection, the server of nothing. */
    | "refused"
    /** Nobody hears anything. */
    | "vanished"
    /** Served, and the process hears of a broken connection. */
    | "answerLost"
    /** Served, and the process hears nothing. */
    | "answerVanished"
    /** Something in between, or the server itself, is overloaded. */
    | "stormed"
    /** Served, and the answer's body is cut. */
    | "torn";
  readonly doubledAfterMs: number | undefined;
  /** Arrives although its process gave it up. */
  readonly afterlife: boolean;
}

/** What the network tells those who count. */
export type WeatherTeller = (fault: string) => void;

/** The network between all processes and the API server: its weather, storms of refusals, and who is cut off. */
export class Network {
  weather: Weather = calm;
  readonly #timeline: Timeline;
  readonly #dice: Dice;
  readonly #tell: WeatherTeller;
  readonly #cutOffUntilMs = new Map<string, number>();
  #storm = { untilMs: -1, share: 0 };

  constructor(timeline: Timeline, { dice, tell }: { readonly dice: Dice; readonly tell: WeatherTeller }) {
    this.#timeline = timeline;
    this.#dice = dice;
    this.#tell = tell;
  }

  /** Nothing passes between this machine and the API server for so long. */
  cutOff(machine: string, forMs: number): void {
    this.#cutOffUntilMs.set(machine, this.#timeline.nowMs + forMs);
  }

  /** The API server, or a proxy before it, refuses this share of all requests for so long. */
  storm(share: number, forMs: number): void {
    this.#storm = { untilMs: this.#timeline.nowMs + forMs, share };
  }

  /** From now on nothing goes wrong. */
  calmDown(): void {
    this.weather = calm;
    this.#storm = { untilMs: -1, share: 0 };
    this.#cutOffUntilMs.clear();
  }

  /** For how long still nothing passes to this machine; 0 while everything does. */
  cutOffForMs(machine: string): number {
    return Math.max(0, (this.#cutOffUntilMs.get(machine) ?? -1) - this.#timeline.nowMs);
  }

  /** What becomes of a request from that machine. */
  fateOf(request: HttpRequest, { machine }: { readonly machine: string }): Fate {
    const outcome = this.#outcomeOf(request, machine);
    const { doubled, afterlife } = this.weather;
    const doubles = outcome !== "refused" && outcome !== "vanished" && this.#happens(doubled, "doubled request");
    return {
      upMs: this.wayMs(),
      downMs: this.wayMs(),
      outcome,
      doubledAfterMs: doubles ? this.#dice.between(1, 8_000) : undefined,
      afterlife: this.#dice.chance(afterlife),
    };
  }

  /** How long one way takes. */
  wayMs(): number {
    const { slowestMs, late } = this.weather;
    return this.#happens(late, "late message") ? this.#dice.between(1_000, 20_000) : this.#dice.between(1, slowestMs);
  }

  #outcomeOf(request: HttpRequest, machine: string): Fate["outcome"] {
    const { lost, unanswered, told, torn } = this.weather;
    const isTold = (): boolean => this.#dice.chance(told);
    if (this.cutOffForMs(machine) > 0) {
      this.#tell("request during a partition");
      return isTold() ? "refused" : "vanished";
    }
    if (this.#timeline.nowMs < this.#storm.untilMs && this.#happens(this.#storm.share, "refusal in a storm"))
      return "stormed";
    if (this.#happens(lost, "lost request")) return isTold() ? "refused" : "vanished";
    if (this.#happens(unanswered, "lost answer")) return isTold() ? "answerLost" : "answerVanished";
    if (request.method === "GET" && this.#happens(torn, "torn answer")) return "torn";
    return "served";
  }

  #happens(share: number, fault: string): boolean {
    // Nothing is drawn for what never happens, so that a fault that is left out leaves the others as they were.
    if (share === 0 || !this.#dice.chance(share)) return false;
    this.#tell(fault);
    return true;
  }
}
