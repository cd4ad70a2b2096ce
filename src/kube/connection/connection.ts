/** Where an API server is, how to know that it is the one, and who we are to it. */
export interface Connection {
  /** `https://10.96.0.1:443`; may have a path before the API's own, as management front ends have. */
  readonly server: string;
  /** PEM, one or several certificates; absent: those that the machine trusts. */
  readonly certificateAuthority?: string;
  /** Accepts any certificate. Only ever by an operator's explicit word. */
  readonly skipVerification?: boolean;
  /** The name that the certificate must have, where it is not the server's. */
  readonly tlsServerName?: string;
  /** PEM, both. */
  readonly clientCertificate?: { readonly certificate: string; readonly key: string };
  readonly credentials?: Credentials;
}

/** What stands in the header `Authorization`. */
export interface Credentials {
  /**
   * The header's value, such as `Bearer …`. `refused` is a value that the server has just answered with 401: if
   * there may be a newer one, look for it now. Rejects with an Error that says what is missing.
   */
  authorization(options: { readonly refused?: string; readonly signal: AbortSignal }): Promise<string>;
}
