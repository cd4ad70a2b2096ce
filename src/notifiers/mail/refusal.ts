/** Why a mail did not go out, in words for the log: never a password, never the text of the mail. */
export class MailRefused extends Error {
  override readonly name = "MailRefused";
  /** Whether the server would say the same again. */
  readonly final: boolean;
  constructor(message: string, { final }: { readonly final: boolean }) {
    super(message);
    this.final = final;
  }
}

/** What of an SMTP conversation failed. */
export type SmtpStep = "connection" | "login" | "mail";

/**
 * Reads the library's error. A reply of 5xx is final (RFC 5321, 4.2.1), except 503, which is about the session. What
 * the server answered to a login stays out: some servers repeat what they were sent.
 */
export function refusalOf(step: SmtpStep, error: unknown): MailRefused {
  const { code, status, response, message } = read(error);
  const final = status !== undefined && status >= 500 && status !== 503;
  if (step === "login") {
    return new MailRefused(`the mail server refused the login${status === undefined ? "" : ` (${status})`}`, { final });
  }
  const said = response ?? message;
  const doing = step === "connection" ? "no connection to the mail server" : "the mail server refused the mail";
  return new MailRefused(`${doing}: ${said}${status === undefined && code !== undefined ? ` (${code})` : ""}`, {
    final,
  });
}

interface LibraryError {
  readonly code?: string | undefined;
  readonly status?: number | undefined;
  readonly response?: string | undefined;
  readonly message: string;
}

function read(error: unknown): LibraryError {
  if (!(error instanceof Error)) return { message: "no reason given" };
  const { code, responseCode, response } = error as {
    code?: unknown;
    responseCode?: unknown;
    response?: unknown;
  } & Error;
  return {
    code: typeof code === "string" ? code : undefined,
    status: typeof responseCode === "number" ? responseCode : undefined,
    response: typeof response === "string" && response !== "" ? response : undefined,
    message: error.message,
  };
}
