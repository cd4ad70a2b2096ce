import type { Action } from "../../core/action.ts";

/** Tells people what there is to tell. */
export interface Messenger {
  /**
   * Resolves with `true` when everybody has been told, or was given up, and with `false` when the end of this process,
   * or of its leadership, came first. Never rejects. What is begun earlier is told earlier.
   */
  tell(notice: Notice): Promise<boolean>;
}

/** What people are told of one maintenance. */
export type Notice = Pick<Extract<Action, { kind: "notify" }>, "node" | "milestone" | "detail">;
