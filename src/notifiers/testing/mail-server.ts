import { createServer, type AddressInfo, type Socket } from "node:net";

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
}

/** A mail server on this machine, in plain text. */
export interface MailServer {
  readonly port: number;
  /** Every line that it was told, without the mails themselves. */
  readonly told: string[];
  readonly mails: TakenMail[];
  close(): Promise<void>;
}

/** Starts one. It takes every login and every recipient, unless its manners say otherwise. */
export async function startMailServer({ offers = [], answers = {} }: MailServerManners = {}): Promise<MailServer> {
  const told: string[] = [];
  const mails: TakenMail[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    const say = sessionOf({ offers, answers, told, mails });
    let rest = "";
    socket.write("220 mail.test ESMTP\r\n");
    socket.on("data", (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split("\r\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const answer = say(line);
        if (answer !== "") socket.write(`${answer}\r\n`);
        if (answer.startsWith("221")) socket.end();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
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

/** One session: takes a line and answers with the reply, empty for none. */
function sessionOf({
  offers,
  answers,
  told,
  mails,
}: Required<MailServerManners> & { readonly told: string[]; readonly mails: TakenMail[] }): (line: string) => string {
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
    told.push(line);
    const special = Object.keys(answers).find((start) => line.startsWith(start));
    if (special !== undefined) return answers[special] ?? "";
    from = /^MAIL FROM:<(.*?)>/.exec(line)?.[1] ?? from;
    to = /^RCPT TO:<(.*?)>/.exec(line)?.[1] ?? to;
    if (line === "DATA") data = [];
    return usualAnswer(line, offers);
  };
}

function usualAnswer(line: string, offers: readonly string[]): string {
  if (line.startsWith("EHLO")) {
    const lines = ["mail.test", ...offers];
    return lines.map((text, at) => `250${at === lines.length - 1 ? " " : "-"}${text}`).join("\r\n");
  }
  if (line.startsWith("AUTH")) return "235 2.7.0 welcome";
  if (line === "DATA") return "354 go ahead";
  if (line === "STARTTLS") return "502 5.5.1 not here";
  return line === "QUIT" ? "221 2.0.0 goodbye" : "250 2.0.0 fine";
}
