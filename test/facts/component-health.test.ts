import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import componentHealth, { failingParts } from '../../src/facts/component-health.ts';
import { DEFAULTS } from '../../src/plan/defaults.ts';
import type { HttpRequest } from '../../src/system/network.ts';
import { rootedSystem } from '../../src/system/rooted.ts';
import { SystemError } from '../../src/system/system.ts';
import { recorded, withDirectory } from '../hosts/directory.ts';

const read = (http: (request: HttpRequest) => { status: number; body: string }) =>
  withDirectory(recorded('kn1'), (root) => {
    const system = rootedSystem(root);
    const network = { ...system.network, http: async (request: HttpRequest) => http(request) };
    return componentHealth.read(
      { ...system, live: true, network },
      { plan: DEFAULTS, signal: new AbortController().signal },
    );
  });

test('each endpoint that is served here is asked where it listens, without credentials', async () => {
  const urls: string[] = [];
  const value = await read((request) => {
    urls.push(request.url);
    expect(Object.keys(request).sort()).toEqual(['limit', 'signal', 'url']);
    return { status: 200, body: 'ok' };
  });
  expect(urls.sort()).toEqual([
    'http://127.0.0.1:10248/healthz',
    'http://127.0.0.1:10256/healthz',
    'http://127.0.0.1:2381/health',
    'https://127.0.0.1:10257/healthz',
    'https://127.0.0.1:10259/healthz',
    'https://127.0.0.1:6443/readyz',
  ]);
  expect(value.answers.every(({ status }) => status === 200)).toBe(true);
  expect(componentHealth.schema().parse(value)).toEqual(value);
});

test('an IPv6-only listener is asked on its loopback, and silence is no answer', async () => {
  const { answers } = await read(({ url }) => {
    if (url.includes('[::1]:10256')) return { status: 503, body: 'out of date' };
    throw new SystemError('error', `${url}: ECONNREFUSED`, 'ECONNREFUSED');
  });
  expect(answers.find(({ port }) => port === 10_256)).toMatchObject({ status: 503, error: null });
  expect(answers.find(({ port }) => port === 10_248)).toMatchObject({
    status: null,
    error: expect.stringContaining('ECONNREFUSED'),
  });
});

test('a directory is not asked', async () => {
  await expect(
    withDirectory({}, (root) =>
      componentHealth.read(rootedSystem(root), { plan: DEFAULTS, signal: new AbortController().signal }),
    ),
  ).rejects.toMatchObject({ why: 'unsupported' });
});

test('what an API server finds wrong is told by name', () => {
  expect(
    failingParts('[+]ping ok\n[-]etcd failed: reason withheld\n[-]poststarthook/x failed\nreadyz check failed\n'),
  ).toEqual(['etcd', 'poststarthook/x']);
  fc.assert(
    fc.property(fc.string(), (body) => {
      expect(failingParts(body).length).toBeLessThanOrEqual(20);
    }),
  );
});
