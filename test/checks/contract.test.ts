import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checks } from '../../checks/index.ts';
import { ENGINE_REASONS } from '../../src/engine/reasons.ts';
import { facts } from '../../src/facts/index.ts';

const ROOT = join(import.meta.dirname, '../..');

/** What every page says, in this order. */
const PARTS = ['Why it matters', 'How it is judged', 'How to fix it', 'When to ignore it'];

/** Whose documents these are: Kubernetes itself, the kernel, the components of a node and the network add-ons. */
const OFFICIAL = [
  'kubernetes.io',
  'docs.kernel.org',
  'man7.org',
  'www.freedesktop.org',
  'www.cni.dev',
  'containerd.io',
  'cri-o.io',
  'etcd.io',
  'docs.tigera.io',
  'docs.cilium.io',
  'antrea.io',
  'www.kube-router.io',
  'ovn-kubernetes.io',
];

/** Owners on GitHub, where a project has no other place. */
const OFFICIAL_OWNERS = [
  'kubernetes',
  'kubernetes-sigs',
  'containerd',
  'cri-o',
  'etcd-io',
  'containernetworking',
  'flannel-io',
];

function isOfficial(docs: string): boolean {
  const { protocol, hostname, pathname } = new URL(docs);
  const owner = pathname.split('/')[1] ?? '';
  return (
    protocol === 'https:' &&
    (OFFICIAL.includes(hostname) || (hostname === 'github.com' && OFFICIAL_OWNERS.includes(owner)))
  );
}

/** Rows of the page's table: `| reason | status | when |`. */
function documented(page: string): Record<string, string> {
  return Object.fromEntries(
    [...page.matchAll(/^\| `([^`]+)` \| (\w+) \|/gm)].map(([, reason, status]) => [reason, status]),
  );
}

test('ids are unique and sorted', () => {
  const ids = checks.map(({ id }) => id);
  expect(ids).toEqual([...new Set(ids)].sort());
});

describe.each(checks)('$id', (check) => {
  const file = join(ROOT, `checks/${check.id}`);
  const page = existsSync(`${file}.md`) ? readFileSync(`${file}.md`, 'utf8') : '';

  test('its id is its path', () => {
    expect(check.id).toMatch(/^[a-z]+(?:-[a-z]+)*\/[a-z0-9]+(?:-[a-z0-9]+)*$/);
    expect(existsSync(`${file}.ts`)).toBe(true);
    expect(readFileSync(`${file}.ts`, 'utf8')).toContain(`id: '${check.id}'`);
  });

  test('its page has a title, a sentence and the four parts', () => {
    expect(page.startsWith(`# ${check.id}\n\n`)).toBe(true);
    expect(page.split('\n')[2]).toMatch(/^\S.*/);
    expect([...page.matchAll(/^## (.+)$/gm)].map(([, title]) => title)).toEqual(PARTS);
    for (const part of page.split(/^## .+$/m).slice(1)) expect(part.trim()).not.toBe('');
  });

  test('its page explains exactly the reasons that it declares', () => {
    expect(documented(page)).toEqual(check.reasons);
  });

  test('its reasons are kebab-case, and none is one of the engine', () => {
    for (const reason of Object.keys(check.reasons)) {
      expect(reason).toMatch(/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/);
      expect(ENGINE_REASONS).not.toHaveProperty([reason]);
    }
  });

  test('it can pass or be skipped, and find fault', () => {
    const statuses = new Set(Object.values(check.reasons));
    expect(statuses.has('pass') || statuses.has('skip')).toBe(true);
    expect(statuses.has('fail') || statuses.has('warn')).toBe(true);
  });

  test('its facts exist, and none is both needed and wanted', () => {
    for (const fact of [...check.needs, ...check.wants]) expect(facts).toHaveProperty(fact);
    expect(new Set([...check.needs, ...check.wants]).size).toBe(check.needs.length + check.wants.length);
  });

  test('its source is official', () => {
    expect(isOfficial(check.docs), check.docs).toBe(true);
  });

  test('its title is short, and can stand in the middle of a sentence', () => {
    expect(check.title).toMatch(/^(?![A-Z][a-z])[^.]{5,80}$/);
    expect(check.stages.length).toBeGreaterThan(0);
  });

  test('it has a test', () => {
    expect(existsSync(join(ROOT, `test/checks/${check.id}.test.ts`))).toBe(true);
  });
});
