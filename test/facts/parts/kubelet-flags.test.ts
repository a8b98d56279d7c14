import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { kubeletFlags } from '../../../src/facts/parts/kubelet-flags.ts';

test('the arguments as kubeadm writes them', () => {
  const text =
    'KUBELET_KUBEADM_ARGS="--container-runtime-endpoint=unix:///run/containerd/containerd.sock --node-ip=10.0.0.1 --node-labels=a=b"\n';
  expect(kubeletFlags(text)).toEqual({
    'container-runtime-endpoint': 'unix:///run/containerd/containerd.sock',
    'node-ip': '10.0.0.1',
  });
});

test('values after a space, booleans, and the last one wins', () => {
  expect(kubeletFlags("KUBELET_EXTRA_ARGS='--node-ip 10.0.0.1 --fail-swap-on --fail-swap-on=false'")).toEqual({
    'node-ip': '10.0.0.1',
    'fail-swap-on': 'false',
  });
  expect(kubeletFlags('KUBELET_EXTRA_ARGS=--fail-swap-on --v=2')).toEqual({ 'fail-swap-on': 'true' });
});

test('comments, other variables and unknown arguments say nothing', () => {
  expect(
    kubeletFlags('# KUBELET_EXTRA_ARGS=--node-ip=1.2.3.4\nOTHER=--node-ip=1.2.3.4\nKUBELET_EXTRA_ARGS=--token=x'),
  ).toEqual({});
});

test('any text is read without an error', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      for (const value of Object.values(kubeletFlags(`KUBELET_EXTRA_ARGS=${text}`))) expect(value).toBeTypeOf('string');
    }),
  );
});

test('what is written is read back', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Za-z0-9./:-]+$/), (value) => {
      expect(kubeletFlags(`KUBELET_EXTRA_ARGS="--v=2 --node-ip=${value}"`)).toEqual({ 'node-ip': value });
    }),
  );
});
