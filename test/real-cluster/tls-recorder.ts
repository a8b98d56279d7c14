/**
 * A load balancer that opens TLS, and writes down what clients send: `tls-recorder.ts CERT KEY UPSTREAM-HOST LOG` listens on 6443 and
 * passes everything on to port 6443 of UPSTREAM-HOST. It holds a certificate of the cluster, so that nobody can tell it from the API server.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:tls';

const [cert = '', key = '', host = '', log = ''] = process.argv.slice(2);

// Without ALPN the clients speak HTTP/1.1, whose headers can be read.
createServer({ cert: readFileSync(cert), key: readFileSync(key) }, (client) => {
  const server = connect({ host, port: 6443, rejectUnauthorized: false });
  client.on('data', (bytes) => appendFileSync(log, bytes));
  for (const [one, other] of [
    [client, server],
    [server, client],
  ] as const) {
    one.on('error', () => other.destroy());
    one.pipe(other);
  }
}).listen(6443);
