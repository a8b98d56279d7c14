import { setTimeout as sleep } from 'node:timers/promises';
import type { Ending } from '../../engine/court.ts';
import type { ListenAddress, OutputTarget, Plan } from '../../plan/settings.ts';
import { formats } from '../../report/formats/index.ts';
import type { EndedRun } from '../../serve/runs.ts';
import { stayFrugal } from '../../system/frugal-memory.ts';
import { liveSystem } from '../../system/live.ts';
import { formatDuration } from '../../values/duration.ts';
import { formatEndpoint } from '../../values/endpoint.ts';
import { isLoopback, isWildcard, parseIp } from '../../values/ip.ts';
import { loadCatalogue, requireKnownNames, requireSelection, type Catalogue } from '../run/catalogue.ts';
import { checkSource } from '../run/check-source.ts';
import type { RunCommand } from '../command-line/command.ts';
import { watchEnding } from '../ending.ts';
import { exitCodeOf } from '../exit-code.ts';
import { requireRunning } from '../run/machine-system.ts';
import { openControlPort } from '../peers/control-port.ts';
import { openingPort } from '../opening-port.ts';
import { openOutputs } from '../output/outputs.ts';
import { ownPeer, type OwnPeer } from '../peers/own-peer.ts';
import { peerSessions, type PeerSessions } from '../peers/peer-sessions.ts';
import { controlKeyOf, keyForPeers } from '../peers/peer-token.ts';
import { holdLines } from '../output/held-lines.ts';
import { complain } from '../output/print.ts';
import { readPlan } from '../command-line/read-plan.ts';
import { complainPlanned, complainUnheard, redactedRun } from '../run/redaction.ts';
import { requireAccess } from '../cluster/require-access.ts';
import type { RingDuty } from '../cluster/ring-duty.ts';
import { runChecks } from '../run/run-checks.ts';
import { undoAbandoned } from '../peers/undo-abandoned.ts';
import { UsageError } from '../usage-error.ts';

const PLACE: ListenAddress = { address: '127.0.0.1', port: 10_778 };
const NODE_PORTS = 'ports/node-ports-reachable';
/** What is not closed by then the kernel closes; putting back what was made for pods takes calls of plugins. Milliseconds. */
const CLOSING_MS = 5_000;
const PUTTING_BACK_MS = 20_000;

export const serve: RunCommand = async (invocation) => {
  const plan = await readPlan(invocation);
  const { settings } = plan;
  const place = settings.listen ?? PLACE;
  requireLoopback(place, settings.allowRemote);
  const catalogue = await loadCatalogue(plan);
  requireKnownNames(plan, catalogue.checks);
  requireSelection(plan, catalogue.checks);
  if (settings.kubeconfig !== null) await requireAccess(settings.kubeconfig);
  const ring = settings.kubeconfig === null || settings.peers.length > 0 ? null : await ringOf(plan);
  if (settings.peers.length > 0) await requireRunning(settings, '--peer');
  const outputs = await openOutputs({ ...settings, output: filesOf(plan) }, formats);
  const psk = ring?.psk ?? (settings.peers.length === 0 ? null : await keyForPeers(plan));
  if (settings.root === null) await undoAbandoned(liveSystem());
  stayFrugal();

  const { signal } = watchEnding(null);
  const sessions = peerSessions();
  const own = ring === null ? null : await ownPeer({ plan, catalogue, signal, met: ring.duty.met });
  if (ring !== null && own !== null) await openControlPort({ peer: own.peer, psk: ring.psk, signal });
  const { serve: start } = await import('../../serve/serve.ts');
  // What a run tells waits for its end with --redact, and where it is served does not.
  const told = Promise.withResolvers<void>();
  const opening = start({
    place,
    interval: settings.interval,
    budget: settings.budget,
    verbose: settings.verbose,
    run: async () => {
      await told.promise;
      const now = forServing(plan, ring !== null || settings.peers.length > 0);
      return oneRun({ plan: now, catalogue, psk, sessions, own, ring: ring?.duty ?? null, ended: signal });
    },
    deliver: outputs.deliver,
    neighbourhood: () => ring?.duty.now() ?? null,
    broke: listener(settings.redact),
    signal,
  });
  const hints = { holder: 'another `seaworthy serve`', other: '127.0.0.1:PORT' };
  const serving = await openingPort(place, hints, opening);
  const url = `http://${formatEndpoint({ host: place.address ?? 'HOST', port: serving.port })}/`;
  const everywhere = place.address === null ? ' on all addresses' : '';
  complain(`seaworthy: serving ${url}${everywhere}, a run every ${formatDuration(settings.interval)}, until Ctrl-C.`);
  if (settings.redact) await complainPlanned(settings, catalogue);
  told.resolve();
  const closed = async () => {
    await serving.over;
    await own?.close(true);
  };
  await Promise.race([closed(), overdue(signal, settings.pods === null ? CLOSING_MS : PUTTING_BACK_MS)]);
  sessions.closeAll();
  return 0;
};

/** The part of this node in a cluster that checks itself; without a token it has none, and checks itself alone. */
async function ringOf(plan: Plan) {
  const psk = await controlKeyOf(plan);
  if (psk === null) return null;
  await requireRunning(plan.settings, '--kubeconfig');
  const { ringDuty } = await import('../cluster/ring-duty.ts');
  return { psk, duty: ringDuty(plan) };
}

/** What a single run is asked for, and runs that go on for ever are not. */
function forServing({ settings, origins }: Plan, hasPeers: boolean): Plan {
  const { only, skip } = settings;
  // Thousands of ports every minute, unless somebody wants just that.
  const swept = !hasPeers || only.includes(NODE_PORTS) || skip.includes(NODE_PORTS);
  // A peer that is not there yet is met at the next beat.
  const once = { wait: 0, facts: [], saveFacts: null };
  return { settings: { ...settings, ...once, skip: swept ? skip : [...skip, NODE_PORTS] }, origins };
}

/** Nobody reads the standard output of a service: what a configuration that is for `check` too says of it is not meant. */
function filesOf({ settings: { output }, origins }: Plan): OutputTarget[] {
  const printed = output.find(({ file }) => file === null);
  if (printed !== undefined && origins.output === 'flag') {
    const { format } = printed;
    throw new UsageError(
      `--output ${format}: serve prints no report. Name a file, which is written after every run: --output ${format}=FILE.`,
    );
  }
  return output.filter(({ file }) => file !== null);
}

function requireLoopback({ address, port }: ListenAddress, allowRemote: boolean): void {
  const ip = address === null ? null : parseIp(address);
  if (allowRemote || (ip !== null && isLoopback(ip))) return;
  const where = ip === null || isWildcard(ip) ? 'every address' : (address ?? '');
  throw new UsageError(
    `--listen: on ${where} other machines could read the whole report, without a password.`,
    `If that is meant, add --allow-remote; otherwise --listen 127.0.0.1:${port} keeps it to this machine.`,
  );
}

interface OneRun {
  readonly plan: Plan;
  readonly catalogue: Catalogue;
  readonly psk: Buffer | null;
  readonly sessions: PeerSessions;
  readonly own: OwnPeer | null;
  readonly ring: RingDuty | null;
  readonly ended: AbortSignal;
}

async function oneRun({ plan: said, catalogue, psk, sessions, own, ring, ended }: OneRun): Promise<EndedRun> {
  const { budget, failOn, redact } = said.settings;
  // By the words of this run, not of the one before.
  if (redact) holdLines();
  const began = performance.now();
  // By hand: a signal made of one that lives for ever would live as long.
  const controller = new AbortController();
  const end = (reason: Ending) => controller.abort(reason);
  const onEnded = () => end('interrupted');
  ended.addEventListener('abort', onEnded, { once: true });
  if (ended.aborted) onEnded();
  const timer = setTimeout(() => end('budget-spent'), budget);
  const { signal } = controller;
  const settle = () => clearTimeout(timer);
  try {
    const { plan, source, close } = await checkSource({ plan: said, catalogue, psk, signal, sessions, own, ring });
    try {
      const ending = { signal, began, exitCode: () => null, settle };
      const judged = await runChecks({ command: 'serve', plan, source, catalogue, ending, printed: null });
      const { report } = await redactedRun({ settings: plan.settings, catalogue, source, report: judged, files: [] });
      return { report: report ?? judged, fine: exitCodeOf(judged.summary, failOn, null) === 0 };
    } finally {
      await close();
    }
  } finally {
    settle();
    ended.removeEventListener('abort', onEnded);
  }
}

/** What the user said wrong ends all before the first report; after it, and whatever else it is, it is told and tried again. */
function listener(redact: boolean): (error: unknown, reports: number) => string {
  let before = '';
  return (error, reports) => {
    if (reports === 0 && error instanceof UsageError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    // It may name whom no report has named yet.
    if (redact) holdLines();
    if (why !== before) complain(`seaworthy: this run broke, and the next one is tried: ${why}`);
    before = why;
    if (!redact) return why;
    void complainUnheard(process.argv.slice(2));
    return 'standard error tells why, as far as --redact allows';
  };
}

/** Settles so long after the signal. */
async function overdue(signal: AbortSignal, ms: number): Promise<void> {
  await new Promise<void>((done) => {
    signal.addEventListener('abort', () => done(), { once: true });
  });
  await sleep(ms);
}
