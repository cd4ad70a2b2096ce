import type { Admission, Authorizer } from "../../apiserver/access.ts";
import type { Role } from "../processes/container.ts";
import { refusedByPolicy } from "./policies.ts";
import { isGranted, rightsOf } from "./rights.ts";

/**
 * What stands before a world's API server: for kured's daemons the rights that the chart gives them, and its policies.
 */
export interface Guard {
  readonly authorize: Authorizer;
  readonly admit: Admission;
}

/** The guard of an installation with these flags. Nobody but kured's daemons is asked for anything. */
export function guardOf(flags: readonly string[]): Guard {
  const rights = {
    agent: rightsOf("agent", flags),
    coordinator: rightsOf("coordinator", flags),
    classic: rightsOf("classic", flags),
  };
  return {
    authorize: (attributes) => {
      const role = roleOf(attributes.user.name);
      return role === undefined || isGranted(attributes, rights[role]);
    },
    admit: (review) => {
      const role = roleOf(review.user.name);
      return role === undefined ? undefined : refusedByPolicy(review, { role, flags });
    },
  };
}

/** Whose process writes under this name, which begins with its role. */
function roleOf(user: string): Role | undefined {
  const [role = ""] = user.split("/");
  return role === "agent" || role === "coordinator" || role === "classic" ? role : undefined;
}
