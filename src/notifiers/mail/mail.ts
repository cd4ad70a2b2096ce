/** One mail to one recipient. */
export interface Mail {
  readonly from: { readonly name: string; readonly address: string };
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** Sends the same text a second time as HTML, as kured does; who asks for it writes HTML into the templates. */
  readonly html: boolean;
}

/** The mail as it travels (RFC 5322), with its headers encoded. */
export async function composeMail({ from, to, subject, text, html }: Mail): Promise<Buffer> {
  const { default: MailComposer } = await import("nodemailer/lib/mail-composer");
  const composer = new MailComposer({
    from,
    to: { name: "", address: to },
    subject,
    text,
    ...(html ? { html: text } : {}),
    // A message is text; nothing in it makes the library open a file or an address.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return composer.compile().build();
}
