import { defineFormat } from './define-format.ts';

export default defineFormat({
  title: 'the whole report, for scripts; `seaworthy schema report` describes it',
  render: (report) => `${JSON.stringify(report, null, 2)}\n`,
});
