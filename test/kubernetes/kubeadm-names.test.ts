import { describe, expect, test } from 'vitest';
import { checks } from '../../checks/index.ts';
import { isKubeadmName, kubeadmNames } from '../../src/kubernetes/kubeadm-names.ts';

const declared = checks.flatMap(({ id, kubeadm }) => kubeadm.map((name) => ({ id, name })));
const answers = kubeadmNames.flatMap((known) =>
  'answeredBy' in known ? known.answeredBy.map((id) => ({ id, name: known.name })) : [],
);
/** A name ending in `*` stands for all that begin so. */
const covers = (pattern: string, name: string) =>
  pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name;

test('each name is there once', () => {
  const names = kubeadmNames.map(({ name }) => name.toLowerCase());
  expect(new Set(names).size).toBe(names.length);
});

describe('checks and the list agree', () => {
  test.each(declared)('$id declares $name, and the list says that it answers it', ({ id, name }) => {
    const known = kubeadmNames.filter((each) => covers(name, each.name));
    expect(known.length, `${name} is not in the list`).toBeGreaterThan(0);
    for (const each of known) expect('answeredBy' in each ? each.answeredBy : []).toContain(id);
  });

  test.each(answers)('the list says that $id answers $name, and the check declares it', ({ id, name }) => {
    const names = declared.filter((each) => each.id === id).map((each) => each.name);
    expect(
      names.some((pattern) => covers(pattern, name)),
      `${id} declares ${names.join(', ') || 'none'}`,
    ).toBe(true);
  });
});

test.each(['all', 'ALL', 'swap', 'Swap', 'Port-6443', 'port-30000', 'FileExisting-anything', 'DirAvailable--a-b'])(
  '%s may stand in an ignore list',
  (name) => {
    expect(isKubeadmName(name)).toBe(true);
  },
);

test.each(['', 'swapp', 'Port-', 'Port-https', 'FileExisting-', 'FileContent-a b', 'kernel/ip-forward'])(
  '%j may not',
  (name) => {
    expect(isKubeadmName(name)).toBe(false);
  },
);
