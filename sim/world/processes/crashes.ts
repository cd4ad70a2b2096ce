import type { Coverage } from "../coverage.ts";
import type { CrashMoment } from "../network/link.ts";
import type { CrashPlan } from "../options.ts";
import type { Container } from "./container.ts";

/** Who decides when processes are killed in the middle of what they do. */
export interface Executioner {
  /** From now on nobody dies. */
  end(): void;
  /** A process comes to this moment of this act; answers whether that was its end. */
  at(container: Container, act: string, moment: CrashMoment): boolean;
}

/** Kills processes in the middle of what they do, as planned. */
export class Crashes implements Executioner {
  readonly #plans: { readonly plan: CrashPlan; seen: number }[];
  readonly #coverage: Coverage;
  #over = false;

  constructor(plans: readonly CrashPlan[], { coverage }: { readonly coverage: Coverage }) {
    this.#plans = plans.map((plan) => ({ plan, seen: 0 }));
    this.#coverage = coverage;
  }

  /** From now on nobody dies. */
  end(): void {
    this.#over = true;
  }

  /** A process comes to this moment of this act; answers whether that was its end. */
  at(container: Container, act: string, moment: CrashMoment): boolean {
    if (this.#over || container.life.state === "dead") return false;
    let dies = false;
    for (const entry of this.#plans) {
      if (entry.plan.act !== act || entry.plan.moment !== moment) continue;
      entry.seen += 1;
      dies ||= entry.seen > entry.plan.spared && entry.seen <= entry.plan.spared + entry.plan.times;
    }
    if (!dies) return false;
    this.#coverage.count("crash", `${act}, ${moment}`);
    container.kill(`${moment} ${act}`);
    return true;
  }
}
