import type { User } from "../apiserver/access.ts";

/** Bearer tokens of everybody in the demo. */
export interface Users {
  /** The token of this name; the same each time. */
  tokenOf(name: string): string;
  readonly authenticate: (token: string | undefined) => User | undefined;
}

/** Nobody at first; whoever asks for a token becomes a user. */
export function createUsers(): Users {
  const names = new Map<string, string>();
  return {
    tokenOf: (name) => {
      const token = `token-of-${name.replaceAll(" ", "-")}`;
      names.set(token, name);
      return token;
    },
    authenticate: (token) => {
      const name = token === undefined ? undefined : names.get(token);
      return name === undefined ? undefined : { name };
    },
  };
}
