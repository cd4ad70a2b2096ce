import type { Living } from "./network.ts";
import type { Timeline } from "./timeline.ts";

/** How well people can be told: `flaky` services refuse now and then, and `away` means that nobody ever is. */
export type Receiver = "there" | "flaky" | "away";

/** What one outbox of a model process is made of. */
export interface OutboxParts {
  readonly sender: Living;
  readonly timeline: Timeline;
  readonly chance: () => number;
  readonly receiver: Receiver;
  readonly told: (key: string) => void;
}

interface Message {
  readonly key: string;
  readonly done: () => void;
}

/** Tells people one thing after the other; it dies with its process, and with it whatever was not told. */
export class ModelOutbox {
  readonly #parts: OutboxParts;
  readonly #life: number;
  readonly #messages: Message[] = [];

  constructor(parts: OutboxParts) {
    this.#parts = parts;
    this.#life = parts.sender.life;
  }

  tell(message: Message): void {
    this.#messages.push(message);
    if (this.#messages.length === 1) this.#deliver(message);
  }

  #deliver(message: Message): void {
    const { timeline, chance, receiver, sender, told } = this.#parts;
    const refused = receiver === "away" || (receiver === "flaky" && chance() < 0.4);
    const lives = () => sender.alive && sender.life === this.#life;
    timeline.after(refused ? 30_000 : 20 + chance() * 3_000, () => {
      if (!lives()) return;
      if (refused) return this.#deliver(message);
      told(message.key);
      // Between the telling and the knowing there is an instant, too.
      timeline.after(chance() * 50, () => {
        if (!lives()) return;
        this.#messages.shift();
        message.done();
        const [next] = this.#messages;
        if (next) this.#deliver(next);
      });
    });
  }
}
