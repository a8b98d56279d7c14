import { definePlugin } from 'seaworthy/plugin';
import diskLabel from './disk-label.ts';
import diskLabels from './disk-labels.ts';

/** `seaworthy check --plugin ./index.ts` */
export default definePlugin({
  apiVersion: 1,
  name: 'acme',
  checks: [diskLabel],
  facts: { diskLabels },
});
