import type { Draft } from '../../src/engine/check.ts';
import type { Facts } from '../../src/evidence/facts.ts';
import type { Reading } from '../../src/evidence/reading.ts';
import { isRead, valueOf } from '../../src/judging/reading.ts';
import { defineCheck } from '../../src/judging/define-check.ts';
import {
  describeHolder,
  freeingRemedy,
  holderEvidence,
  holderOf,
  isComponent,
  NOT_SHOWN,
  type Holder,
} from '../../src/judging/ports/port-holder.ts';
import { servedPorts, type ServedPort } from '../../src/judging/ports/served-ports.ts';
import type { Component, ComponentPort } from '../../src/kubernetes/ports.ts';

const REASONS = {
  served: 'pass',
  'not-served': 'fail',
  'wrong-owner': 'fail',
  unhealthy: 'fail',
  'no-answer': 'unknown',
  'owner-not-visible': 'unknown',
  undecided: 'unknown',
  'no-kube-proxy': 'skip',
  'turned-off': 'skip',
  'not-here': 'skip',
  'not-shown': 'skip',
} as const;

type Finding = Draft<typeof REASONS>;

interface Seen {
  readonly listeners: Facts['listeners'];
  readonly socketOwners: Facts['socketOwners'] | null;
  readonly processes: Facts['processes'] | null;
  readonly health: Reading<Facts['componentHealth']>;
}

export default defineCheck({
  id: 'ports/served',
  title: 'ports are served by the components that own them',
  docs: 'https://kubernetes.io/docs/reference/networking/ports-and-protocols/',
  kubeadm: [],
  stages: ['joined'],
  reasons: REASONS,
  needs: ['listeners'],
  wants: ['socketOwners', 'processes', 'staticPods', 'kubeletConfig', 'componentHealth'],
  judge({ listeners, socketOwners, processes, staticPods, kubeletConfig, componentHealth }, { node, plan }) {
    if (listeners.by === 'nothing') return [NOT_SHOWN];
    const seen = {
      listeners,
      socketOwners: valueOf(socketOwners),
      processes: valueOf(processes),
      health: componentHealth,
    };
    const serving = { staticPods: valueOf(staticPods), kubeletConfig: valueOf(kubeletConfig) };
    return servedPorts(node, plan, serving).map((each) =>
      each.port === null ? turnedOff(each.row) : judgePort(each, seen),
    );
  },
});

function judgePort(served: ServedPort, seen: Seen): Finding {
  const { row, port, expected } = served;
  const { component } = row;
  const subject = `tcp/${port}`;
  const holders = seen.listeners.sockets
    .filter((socket) => socket.protocol === 'tcp' && socket.port === port)
    .map((socket) => holderOf(socket, seen.socketOwners));
  const proper = holders.find(({ owner }) => owner !== null && isComponent(owner, component));
  if (proper !== undefined) return judgeHealth(served, proper, seen.health);
  if (component === 'kube-proxy') {
    const absent = judgeAbsentProxy(subject, holders, seen);
    if (absent !== null) return absent;
  }
  if (expected === 'no') {
    return {
      subject,
      reason: 'not-here',
      message: `No static pod of ${component} is on this node: it runs elsewhere.`,
    };
  }
  const hidden = holders.find(({ owner }) => owner === null);
  if (hidden !== undefined) return ownerNotVisible(served, hidden);
  const [other] = holders;
  if (other !== undefined) return wrongOwner(served, other);
  return expected === 'perhaps' || seen.listeners.by === 'bind' ? undecided(served) : notServed(served);
}

/** Without a kube-proxy nobody owes its ports; while it runs, it holds what its configuration left on. */
function judgeAbsentProxy(subject: string, holders: readonly Holder[], { processes }: Seen): Finding | null {
  const runs = processes?.running.some(({ name }) => name === 'kube-proxy');
  if (runs === false) {
    return {
      subject,
      reason: 'no-kube-proxy',
      message: 'No kube-proxy runs on this node; that is right where the network add-on replaces it.',
    };
  }
  if (holders.length > 0) return null;
  if (runs === undefined) {
    return {
      subject,
      reason: 'undecided',
      message: `Nothing listens on ${subject}, and whether kube-proxy runs on this node could not be seen.`,
    };
  }
  return {
    subject,
    reason: 'turned-off',
    message: `kube-proxy runs and does not listen on ${subject}: its configuration has that off, or elsewhere.`,
  };
}

function judgeHealth({ row, port }: ServedPort, holder: Holder, health: Reading<Facts['componentHealth']>): Finding {
  const { component, purpose } = row;
  const subject = `tcp/${port}`;
  const evidence = holderEvidence(holder);
  const is = `${describeHolder(holder)} serves ${purpose}`;
  const pass = (message: string): Finding => ({ subject, reason: 'served', message, evidence });
  if (row.health === null) return pass(`${is}.`);
  if (!isRead(health)) return pass(`${is}; its health could not be asked: ${health.detail}.`);
  const answer = health.value.answers.find((each) => each.port === port);
  if (answer === undefined) return pass(`${is}; its health was not asked.`);
  const { status, failing, error, path } = answer;
  const told = { ...evidence, path, status, failing };
  if (status === null) {
    return {
      subject,
      reason: 'no-answer',
      message: `${is}, and gave no answer to ${path}: ${error ?? 'nothing came'}.`,
      evidence: told,
    };
  }
  if (status === 200) return pass(`${is} and says that it is well.`);
  if (status < 500) return pass(`${is}; it does not tell its health without credentials (HTTP ${status}).`);
  const parts = failing.length === 0 ? '' : `: ${failing.join(', ')}`;
  return {
    subject,
    reason: 'unhealthy',
    message: `${component} says itself that it is not well (HTTP ${status} on ${path})${parts}.`,
    expected: 'HTTP 200',
    actual: `HTTP ${status}${parts}`,
    evidence: told,
    remedy: {
      text: `Read what ${component} says, and its log.`,
      commands: [`curl -sk '${row.health.scheme}://localhost:${port}${path}?verbose'`, ...logCommands(component)],
    },
  };
}

function turnedOff({ component, port, purpose }: ComponentPort): Finding {
  return {
    subject: `tcp/${port}`,
    reason: 'turned-off',
    message: `The configuration of ${component} has this port off (${purpose}).`,
  };
}

function ownerNotVisible({ row, port }: ServedPort, holder: Holder): Finding {
  return {
    subject: `tcp/${port}`,
    reason: 'owner-not-visible',
    message: `Whether ${row.component} serves tcp/${port} could not be seen; it is held by ${describeHolder(holder)}.`,
    expected: row.component,
    actual: describeHolder(holder),
    evidence: holderEvidence(holder),
  };
}

function undecided({ row, port }: ServedPort): Finding {
  return {
    subject: `tcp/${port}`,
    reason: 'undecided',
    message: `Nothing was seen on tcp/${port}; whether ${row.component} should be there could not be read from /etc/kubernetes/manifests.`,
  };
}

function wrongOwner({ row, port }: ServedPort, holder: Holder): Finding {
  return {
    subject: `tcp/${port}`,
    reason: 'wrong-owner',
    message: `Where ${row.component} should be (${row.purpose}) is ${describeHolder(holder)}.`,
    why: row.why,
    expected: `served by ${row.component}`,
    actual: `served by ${describeHolder(holder)}`,
    evidence: holderEvidence(holder),
    remedy: freeingRemedy(holder),
  };
}

function notServed({ row, port }: ServedPort): Finding {
  const { component, purpose, why } = row;
  return {
    subject: `tcp/${port}`,
    reason: 'not-served',
    message: `Nothing listens on tcp/${port}: ${component} does not run, or does not get as far as serving it (${purpose}).`,
    why,
    expected: `served by ${component}`,
    actual: 'no listener',
    remedy:
      component === 'kubelet'
        ? {
            text: 'Start the kubelet, also at boot, and read its log if it does not stay up.',
            commands: ['systemctl enable --now kubelet', ...logCommands(component)],
          }
        : {
            text: `See whether the kubelet runs the static pod, and why its container ends.`,
            commands: logCommands(component),
          },
  };
}

function logCommands(component: Component): string[] {
  return component === 'kubelet'
    ? ['journalctl -u kubelet --no-pager -n 50']
    : [`crictl ps -a --name ${component}`, 'journalctl -u kubelet --no-pager -n 50'];
}
