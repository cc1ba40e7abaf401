/** A request to one of the configured hosts. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: string;
  /** Lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /**
   * `kept` (default) may use an open connection, and asks again once when that one proves closed; `fresh` opens its own
   * and sends exactly once, for what must not be sent twice.
   */
  readonly connection?: 'kept' | 'fresh';
  /** `long`: a code or a signature would be lost if this request were turned away; it may wait longer for its turn. */
  readonly patience?: 'short' | 'long';
  /** `status`: the body of the answer is not read, however long it is. Default `body`. */
  readonly answer?: 'body' | 'status';
  /** Octets; a longer answer is `upstream.response`. */
  readonly maxResponseOctets?: number;
}

export interface HttpResponse {
  readonly status: number;
  /** Lower-case names; repeated fields joined by ", ". */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/**
 * The only way out to the network over HTTP. Redirects are not followed: a 3xx is an answer like any other.
 * Errors: `upstream.tls`, `upstream.timeout`, `upstream.unreachable` (`at` is `connect` when nothing was sent yet, else
 * `response`), `upstream.response` (answer too large), `config.invalid` (host not on the list, or plain http).
 */
export interface HttpClient {
  send(request: HttpRequest): Promise<HttpResponse>;
}
