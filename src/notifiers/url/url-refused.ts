/**
 * A notification URL that cannot be used. Its message is for the log and holds no secret: what the user wrote appears
 * in it only where it cannot be one.
 */
export class UrlRefused extends Error {
  override readonly name = "UrlRefused";
}
