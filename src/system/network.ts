export interface Target {
  readonly host: string;
  readonly port: number;
}

/** How a TCP connect ended; `code` is the errno name, or ETIMEDOUT after `timeoutMs`. */
export type ConnectOutcome =
  | {
      readonly outcome: 'connected';
      readonly localAddress: string;
      readonly remoteAddress: string;
      readonly ms: number;
    }
  | { readonly outcome: 'failed'; readonly code: string; readonly ms: number };

export interface TlsPeer {
  /** DER, leaf first, as the server sent them. */
  readonly chain: readonly Buffer[];
  readonly protocol: string;
}

export interface HttpRequest {
  readonly url: string;
  readonly method?: 'GET';
  readonly headers?: Readonly<Record<string, string>>;
  /** PEM. Absent: the server's certificate is not verified, so nothing secret may be sent. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** What the certificate must name, when it is not the URL's host. */
  readonly servername?: string;
  readonly signal: AbortSignal;
  /** Bytes of body that are read; a longer one is an error. */
  readonly limit?: number;
}

export interface HttpResponse {
  readonly status: number;
  readonly body: string;
}

/** Sockets of the machine. Every method ends when its signal aborts, with a SystemError of why `timeout`. */
export interface Network {
  /** Addresses of a name as the machine's own resolver gives them; an address literal is itself. */
  resolve(host: string, signal: AbortSignal): Promise<string[]>;
  connect(target: Target, signal: AbortSignal): Promise<ConnectOutcome>;
  /** A TLS handshake that trusts nobody: what does the server show? */
  tlsPeer(target: Target, servername: string | null, signal: AbortSignal): Promise<TlsPeer>;
  http(request: HttpRequest): Promise<HttpResponse>;
  /** Sends one datagram to an address and waits for one answer; null after `waitMs` without. */
  exchange(target: Target, datagram: Buffer, waitMs: number, signal: AbortSignal): Promise<Buffer | null>;
  /** Whether a socket can be bound: null when it can, else the errno name. It is closed at once. */
  tryBind(protocol: 'tcp' | 'udp', target: Target): Promise<string | null>;
  /** A unary gRPC call over a Unix socket; bytes are protobuf messages. Throws a SystemError with the gRPC status as code `GRPC_<n>`. */
  grpc(socketPath: string, method: string, request: Buffer, signal: AbortSignal): Promise<Buffer>;
}
