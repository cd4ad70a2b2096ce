declare const KURED_VERSION: string | undefined;

/** The version in package.json, put in by `npm run build`; `source` when the sources run as they are. */
export const version: string = typeof KURED_VERSION === "string" ? KURED_VERSION : "source";
