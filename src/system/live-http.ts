import { bodyOf, noMoreThan } from './body.ts';
import { systemError } from './errors.ts';
import { responseTo } from './response.ts';
import type { HttpRequest, HttpResponse } from './network.ts';
import { readyToResolve } from './ready-to-resolve.ts';
import { SystemError } from './system.ts';
import { withAbort } from './with-abort.ts';

/** Bytes of an answer. */
const BODY_LIMIT = 1024 * 1024;

export async function http({
  url,
  headers,
  signal,
  limit = BODY_LIMIT,
  servername,
  ...tlsFiles
}: HttpRequest): Promise<HttpResponse> {
  const { hostname } = started(url, () => new URL(url));
  await readyToResolve(hostname.replace(/^\[(.*)\]$/, '$1'));
  const { request } = await (url.startsWith('https:') ? import('node:https') : import('node:http'));
  const verified = {
    rejectUnauthorized: tlsFiles.ca !== undefined,
    ...tlsFiles,
    ...(servername === undefined ? {} : { servername }),
  };
  const call = started(url, () =>
    request(url, { ...verified, ...(headers === undefined ? {} : { headers }), agent: false }),
  );
  const tooLong = () => new SystemError('error', `${url}: the answer is longer than ${limit} bytes`, 'EFBIG');
  const answered = responseTo(call).then(async (response): Promise<HttpResponse> => {
    const body = await bodyOf(response, noMoreThan(limit, tooLong));
    return { status: response.statusCode ?? 0, body: body.toString('utf8') };
  });
  call.end();
  return withAbort(signal, url, () => call.destroy(), answered);
}

/** A certificate and a key that do not belong together are refused before anything is sent. */
function started<T>(about: string, start: () => T): T {
  try {
    return start();
  } catch (error) {
    throw systemError(error, about);
  }
}

/** A unary call without a library: one HTTP/2 stream, one length-prefixed message each way. */
export async function grpc(socketPath: string, method: string, request: Buffer, signal: AbortSignal): Promise<Buffer> {
  const http2 = await import('node:http2');
  const about = `${socketPath} ${method}`;
  const session = http2.connect('http://localhost', {
    createConnection: () => process.getBuiltinModule('node:net').connect(socketPath),
  });
  const answered = new Promise<Buffer>((done, fail) => {
    session.once('error', fail);
    const stream = session.request({
      ':method': 'POST',
      ':path': method,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    const chunks: Buffer[] = [];
    let total = 0;
    let status: string | null = null;
    const note = (headers: Readonly<Record<string, unknown>>) => {
      const value = headers['grpc-status'];
      if (typeof value === 'string') status = value;
    };
    stream.on('response', note);
    stream.on('trailers', note);
    stream.on('data', (chunk: Buffer) => {
      total += chunk.length;
      if (total > BODY_LIMIT)
        fail(new SystemError('error', `${about}: the answer is longer than ${BODY_LIMIT} bytes`, 'EFBIG'));
      else chunks.push(chunk);
    });
    stream.once('error', fail);
    stream.once('close', () => {
      if (status === '0') done(Buffer.concat(chunks).subarray(5));
      else if (status === null) fail(new SystemError('error', `${about}: it does not speak gRPC`));
      else
        fail(
          new SystemError(
            status === '12' ? 'unsupported' : 'error',
            `${about}: gRPC status ${status}`,
            `GRPC_${status}`,
          ),
        );
    });
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(request.length, 1);
    stream.end(Buffer.concat([prefix, request]));
  });
  return withAbort(signal, about, () => session.destroy(), answered);
}
