/** Prints the events of a run that the UI would make, a line each, with the milliseconds after which each came: `node test/tui/recorder.ts --role worker`. */
Object.assign(globalThis, { SEAWORTHY_VERSION: '0.0.0-test' });
const [{ parse }, { readPlan }, { interfaceSession }] = await Promise.all([
  import('../../src/cli/command-line/parse.ts'),
  import('../../src/cli/command-line/read-plan.ts'),
  import('../../src/cli/interface/interface-session.ts'),
]);
const line = parse(['check', ...process.argv.slice(2)]);
if (line.kind !== 'run') throw new Error('no run');
const session = await interfaceSession(await readPlan(line.invocation));
const started = performance.now();
for await (const event of session.run(null, new AbortController().signal))
  process.stdout.write(`${JSON.stringify({ at: Math.round(performance.now() - started), event })}\n`);
session.close();
