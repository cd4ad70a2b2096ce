import type { LoggedRequest } from "../apiserver/server.ts";
import type { Change } from "../apiserver/store/store.ts";
import type { Machine } from "./hosts/machine.ts";
import type { Container } from "./processes/container.ts";
import type { HttpRequest, HttpResponse } from "../../src/ports/transport.ts";

/** A process has handed a request to its line. */
export interface Sent {
  readonly container: Container;
  readonly request: HttpRequest;
  /** Settles when the process itself sees the answer; never, where it does not live to. */
  readonly answer: Promise<HttpResponse>;
}

/** Somebody who looks at everything that happens in a world, while it happens. Must not change anything. */
export interface Observer {
  /** Something was written in the API, by this user. */
  readonly written?: (change: Change, user: string) => void;
  /** The API server has answered a request; a watch counts when it begins. */
  readonly answered?: (request: LoggedRequest) => void;
  /** A process asks for something; nothing of it has gone on its way yet. */
  readonly sent?: (sent: Sent) => void;
  /** A process has told its machine to reboot; it has not done anything yet. */
  readonly rebootAsked?: (container: Container) => void;
  /** A machine has begun to go down, is off, or is up. */
  readonly power?: (machine: Machine) => void;
}
