import type { EndpointResult, Probed } from '../../evidence/probes.ts';
import type { Knock } from './knock-from-pod.ts';
import type { PodMembers } from './pod-members.ts';

/** Connects of one pod that nothing has come of yet: strangers are asked gently. */
const IN_FLIGHT = 16;

type Saw = EndpointResult['sender'];

/** Connects from pods to pods that take no part. What is silent is asked once more; requests of which nothing became known are not among the answers. */
export async function knockFromPods(knocks: readonly Knock[], pods: PodMembers, silenceMs: number): Promise<Probed[]> {
  const byPod = Map.groupBy(knocks, ({ from, pod }) => pods.keyOf({ machine: from, pod }));
  const answered = await Promise.all(
    [...byPod].map(async ([key, all]): Promise<Probed[]> => {
      if (key === null) return [];
      const first = await knock(key, all, pods, silenceMs);
      const silent = all.filter((_, index) => first[index]?.outcome === 'silence');
      const second = silent.length === 0 ? [] : await knock(key, silent, pods, silenceMs);
      return all.flatMap((request, index) => {
        const sender = second[silent.indexOf(request)] ?? first[index];
        return sender == null
          ? []
          : [{ kind: 'endpoint' as const, request, reading: { value: { sender, arrivedAt: [] } } }];
      });
    }),
  );
  return answered.flat();
}

/** In the order of the requests; null where the pod did not tell. */
async function knock(
  key: string,
  all: readonly Knock[],
  { members, run }: PodMembers,
  silenceMs: number,
): Promise<(Saw | null)[]> {
  const jobs = all.map(({ address, port }) => ({ kind: 'endpoint' as const, address, port, behind: port }));
  const answer = await members.call(key, 'send', { run, jobs, inFlight: IN_FLIGHT, silenceMs });
  return all.map((_, index) => {
    const result = answer?.results[index];
    return result?.kind === 'reach' ? (result.reaches[0]?.saw ?? null) : null;
  });
}
