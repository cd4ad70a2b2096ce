import type { Clock } from "../ports/clock.ts";
import type { Random } from "../ports/random.ts";
import type { OpenStream } from "../ports/stream.ts";
import type { Web } from "../ports/web.ts";
import type { Notifier } from "./notifier.ts";
import type { ServiceUrl } from "./url/service-url.ts";

/** What services reach the world through. */
export interface ServiceParts {
  readonly web: Web;
  readonly openStream: OpenStream;
  readonly clock: Clock;
  readonly random: Random;
}

/** Understands one URL of its service. Throws `UrlRefused` where it is not a good one. */
export type NotifierFactory = (url: ServiceUrl, parts: ServiceParts) => Notifier;

/** One kind of target: what stands before the `://`. */
export interface Service {
  readonly create: NotifierFactory;
  /** How it reads what is behind the path, where that is not by the common rules. */
  readonly reads?: {
    /** The query is somebody else's, or may hold semicolons. */
    readonly query?: "receiver's" | "with semicolons";
    /** The fragment means something. */
    readonly fragment?: true;
  };
  /** For `service+https://…`, the URL of the server itself; absent where the service has no such form. */
  readonly createCustom?: NotifierFactory;
}
