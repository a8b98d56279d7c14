import { expect, test } from 'vitest';
import { hardThresholds, thresholdAmount } from '../../src/kubernetes/eviction.ts';

const settings = { evictionHard: null, mergeDefaultEvictionSettings: null, flags: {} };

test('the defaults hold until one is named', () => {
  expect(hardThresholds(null)).toEqual(hardThresholds(settings));
  expect(hardThresholds({ ...settings, evictionHard: { 'nodefs.available': '1%' } })).toEqual({
    'nodefs.available': '1%',
  });
  const merged = hardThresholds({
    ...settings,
    evictionHard: { 'nodefs.available': '1%' },
    mergeDefaultEvictionSettings: true,
  });
  expect(merged).toMatchObject({ 'nodefs.available': '1%', 'imagefs.available': '15%' });
});

test('the argument wins over the file', () => {
  const flags = { 'eviction-hard': 'nodefs.available<5%,memory.available<100Mi' };
  expect(hardThresholds({ ...settings, evictionHard: { 'nodefs.available': '1%' }, flags })).toEqual({
    'nodefs.available': '5%',
    'memory.available': '100Mi',
  });
});

test('a percentage, a quantity, and neither', () => {
  expect(thresholdAmount('10%', 200)).toBe(20);
  expect(thresholdAmount('1Ki', 200)).toBe(1024);
  expect(thresholdAmount('much', 200)).toBeNull();
  expect(thresholdAmount(undefined, 200)).toBeNull();
});
