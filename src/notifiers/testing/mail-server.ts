import { createServer, type AddressInfo, type Socket } from "node:net";
import { createServer as createTlsServer, TLSSocket } from "node:tls";

/** A mail as the server took it. */
export interface TakenMail {
  readonly from: string;
  readonly to: string;
  /** Headers and body, with dots undone and lines ending in `\n`. */
  readonly data: string;
}

/** How the server is not like the others. */
export interface MailServerManners {
  /** What EHLO announces beside the name. */
  readonly offers?: readonly string[];
  /** The answer to a command that begins so, instead of the usual one; empty for none at all. */
  readonly answers?: Readonly<Record<string, string>>;
  /** Its key and certificate, and whether it speaks TLS from the first byte or offers STARTTLS. */
  readonly tls?: { readonly key: string; readonly cert: string; readonly from: "first byte" | "STARTTLS" };
  /** The address that it listens on. */
  readonly host?: string;
}

/** A mail server on this machine. */
export interface MailServer {
  readonly port: number;
  /** Every line that it was told, without the mails themselves; by TLS with `TLS ` before it. */
  readonly told: string[];
  readonly mails: TakenMail[];
  close(): Promise<void>;
}

/** Starts one. It takes every login and every recipient, unless its manners say otherwise. */
export async function startMailServer(manners: MailServerManners = {}): Promise<MailServer> {
  const { tls, host = "127.0.0.1" } = manners;
  const told: string[] = [];
  const mails: TakenMail[] = [];
  const sockets = new Set<Socket>();
  const greet = (socket: Socket): void => {
    sockets.add(socket);
    socket.write("220 mail.test ESMTP\r\n");
    attend(socket, { manners, told, mails });
  };
  const server = tls?.from === "first byte" ? createTlsServer(tls, greet) : createServer(greet);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    told,
    mails,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Desk {
  readonly manners: MailServerManners;
  readonly told: string[];
  readonly mails: TakenMail[];
}

function attend(socket: Socket, desk: Desk): void {
  const say = sessionOf(desk, socket instanceof TLSSocket ? "TLS " : "");
  const { tls } = desk.manners;
  let rest = "";
  const hear = (chunk: Buffer): void => {
    const lines = (rest + chunk.toString()).split("\r\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const answer = say(line);
      if (answer !== "") socket.write(`${answer}\r\n`);
      if (answer.startsWith("221")) socket.end();
      if (line !== "STARTTLS" || !answer.startsWith("220") || tls === undefined) continue;
      socket.off("data", hear);
      return attend(new TLSSocket(socket, { ...tls, isServer: true }), desk);
    }
  };
  socket.on("data", hear);
  socket.on("error", () => {});
}

/** One session: takes a line and answers with the reply, empty for none. */
function sessionOf({ manners, told, mails }: Desk, mark: string): (line: string) => string {
  const { answers = {} } = manners;
  let [from, to] = ["", ""];
  let data: string[] | undefined;
  return (line) => {
    if (data !== undefined && line !== ".") {
      data.push(line.replace(/^\.(?=\.)/, ""));
      return "";
    }
    if (data !== undefined) {
      mails.push({ from, to, data: data.join("\n") });
      data = undefined;
      return "250 2.0.0 taken";
    }
    told.push(mark + line);
    const special = Object.keys(answers).find((start) => line.startsWith(start));
    if (special !== undefined) return answers[special] ?? "";
    from = /^MAIL FROM:<(.*?)>/.exec(line)?.[1] ?? from;
    to = /^RCPT TO:<(.*?)>/.exec(line)?.[1] ?? to;
    if (line === "DATA") data = [];
    return usualAnswer(line, { manners, secure: mark !== "" });
  };
}

function usualAnswer(
  line: string,
  { manners, secure }: { readonly manners: MailServerManners; readonly secure: boolean },
): string {
  const { offers = [], tls } = manners;
  const upgrades = tls?.from === "STARTTLS" && !secure;
  if (line.startsWith("EHLO")) {
    const lines = ["mail.test", ...offers, ...(upgrades ? ["STARTTLS"] : [])];
    return lines.map((text, at) => `250${at === lines.length - 1 ? " " : "-"}${text}`).join("\r\n");
  }
  if (line.startsWith("AUTH")) return "235 2.7.0 welcome";
  if (line === "DATA") return "354 go ahead";
  if (line === "STARTTLS") return upgrades ? "220 2.0.0 go ahead" : "502 5.5.1 not here";
  return line === "QUIT" ? "221 2.0.0 goodbye" : "250 2.0.0 fine";
}
