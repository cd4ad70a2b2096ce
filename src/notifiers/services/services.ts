import type { Service } from "../service.ts";

/** Services other than chats, by what stands before the `://`. */
export const otherServices: Readonly<Record<string, Service>> = {};
