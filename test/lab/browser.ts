import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';

/** A page in headless Chromium, over https://chromedevtools.github.io/devtools-protocol/. */
export interface Tab {
  /** The answer to a command. */
  send(method: string, params?: object): Promise<Record<string, unknown>>;
  /** The value of an expression in the page. */
  evaluate(expression: string): Promise<unknown>;
  /** What the browser told of since. */
  readonly events: readonly { readonly method: string; readonly params: Record<string, unknown> }[];
}

const message = z.object({
  id: z.number().optional(),
  method: z.string().default(''),
  params: z.record(z.string(), z.unknown()).default({}),
  result: z.record(z.string(), z.unknown()).default({}),
});

const evaluated = z.object({ result: z.object({ value: z.unknown().optional() }) });

/** Nothing of the browser outlives `during`. */
export async function inBrowser(during: (tab: Tab) => Promise<void>): Promise<void> {
  const profile = mkdtempSync(join(tmpdir(), 'seaworthy-browser-'));
  const child = spawn(
    'chromium-headless-shell',
    ['--no-sandbox', '--disable-gpu', '--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank'],
    // Debian's program is a script that starts the browser: they end together, as a group.
    { stdio: ['ignore', 'ignore', 'pipe'], detached: true },
  );
  try {
    const { promise, resolve } = Promise.withResolvers<string>();
    let said = '';
    child.stderr.on('data', (text: Buffer) => {
      said += text.toString();
      const port = /ws:\/\/127\.0\.0\.1:(\d+)\//.exec(said)?.[1];
      if (port !== undefined) resolve(port);
    });
    const port = await promise;
    const targets = z
      .array(z.object({ type: z.string(), webSocketDebuggerUrl: z.string() }))
      .parse(await (await fetch(`http://127.0.0.1:${port}/json/list`)).json());
    const socket = new WebSocket(targets.find(({ type }) => type === 'page')?.webSocketDebuggerUrl ?? '');
    await new Promise((done) => socket.addEventListener('open', done));
    await during(tabOn(socket));
    socket.close();
  } finally {
    const ended = new Promise((done) => child.once('exit', done));
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    await ended;
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

function tabOn(socket: WebSocket): Tab {
  const waiting = new Map<number, (result: Record<string, unknown>) => void>();
  const events: { method: string; params: Record<string, unknown> }[] = [];
  let last = 0;
  socket.addEventListener('message', ({ data }) => {
    const { id, method, params, result } = message.parse(JSON.parse(String(data)));
    if (id === undefined) events.push({ method, params });
    else waiting.get(id)?.(result);
  });
  const send: Tab['send'] = (method, params = {}) => {
    const { promise, resolve } = Promise.withResolvers<Record<string, unknown>>();
    waiting.set(++last, resolve);
    socket.send(JSON.stringify({ id: last, method, params }));
    return promise;
  };
  return {
    send,
    events,
    evaluate: async (expression) =>
      evaluated.parse(await send('Runtime.evaluate', { expression, returnByValue: true })).result.value,
  };
}
