import { expect, test } from 'vitest';
import { BAD, findingsOf, planWith } from './given.ts';

/** The statuses of fails with these names; undefined is one that gives none. */
const statuses = async (
  ignored: readonly string[],
  kubeadm: readonly string[],
  names: readonly (string | null | undefined)[],
) => {
  const judge = () => names.map((name) => (name === undefined ? BAD : { ...BAD, subject: `${name}`, kubeadm: name }));
  const findings = await findingsOf({
    check: { kubeadm, judge },
    plan: planWith({ ignorePreflightErrors: [...ignored] }),
  });
  return findings.map(({ status }) => status);
};

test('a fail whose name is in the list becomes a warn that says so', async () => {
  const [finding] = await findingsOf({
    check: { kubeadm: ['Swap'], judge: () => [BAD] },
    plan: planWith({ ignorePreflightErrors: ['Swap'] }),
  });
  expect(finding).toMatchObject({
    status: 'warn',
    was: 'fail',
    because: 'ignore-preflight-errors',
    kubeadm: 'Swap',
    reason: 'bad',
  });
});

test('case does not matter', async () => {
  expect(await statuses(['sWAP'], ['Swap'], [undefined])).toEqual(['warn']);
});

test('`all` is every one', async () => {
  expect(await statuses(['All'], ['Port-*'], ['Port-6443', 'Port-10250'])).toEqual(['warn', 'warn']);
  expect(await statuses(['all'], ['Swap'], [undefined])).toEqual(['warn']);
});

test('`all` is not what kubeadm never finds', async () => {
  expect(await statuses(['all'], [], [undefined])).toEqual(['fail']);
  expect(await statuses(['all'], ['Hostname'], [null])).toEqual(['fail']);
  expect(await statuses(['all'], ['CRI', 'ContainerRuntimeVersion'], [undefined, 'CRI'])).toEqual(['fail', 'warn']);
});

test('a name softens exactly the finding that has it', async () => {
  expect(await statuses(['port-6443'], ['Port-*'], ['Port-6443', 'Port-10250'])).toEqual(['warn', 'fail']);
});

test('a pattern softens nothing that has no name of its own', async () => {
  expect(await statuses(['Port-6443'], ['Port-*'], [undefined])).toEqual(['fail']);
  expect(await statuses(['port-'], ['Port-*'], ['Port-6443'])).toEqual(['fail']);
});

test('a finding that kubeadm never makes has no name, even of a check that answers to one', async () => {
  const check = { kubeadm: ['Hostname'], judge: () => [{ ...BAD, kubeadm: null }] };
  const [finding] = await findingsOf({ check, plan: planWith({ ignorePreflightErrors: ['Hostname'] }) });
  expect(finding?.status).toBe('fail');
  expect(finding).not.toHaveProperty('kubeadm');
});

test('of several names none is taken by default', async () => {
  expect(await statuses(['CRI'], ['CRI', 'ContainerRuntimeVersion'], [undefined, 'CRI'])).toEqual(['fail', 'warn']);
});

test('only a fail is softened', async () => {
  const [finding] = await findingsOf({
    check: { kubeadm: ['Swap'], judge: () => [{ ...BAD, reason: 'odd' }] },
    plan: planWith({ ignorePreflightErrors: ['all'] }),
  });
  expect(finding).not.toHaveProperty('was');
});
