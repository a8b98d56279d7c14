import { test } from 'vitest';
import { testCheck } from 'seaworthy/plugin';
import check from './disk-label.ts';

const facts = (...labels: string[]) => ({ 'acme/diskLabels': { labels } });

testCheck(
  check,
  {
    judge: [
      { name: 'labelled', facts: facts('boot', 'acme-data'), expect: [{ reason: 'labelled', status: 'pass' }] },
      {
        name: 'another label',
        facts: facts('boot'),
        expect: [{ reason: 'unlabelled', status: 'fail', actual: 'boot' }],
      },
      { name: 'none', facts: facts(), expect: [{ reason: 'unlabelled', actual: 'no labels' }] },
    ],
  },
  test,
);
