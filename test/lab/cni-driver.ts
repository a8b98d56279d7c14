import { readFileSync } from 'node:fs';
import { recall } from '../../src/cni/cache.ts';
import { addChain, checkChain, delChain, statusChain, type Attachment } from '../../src/cni/chain.ts';
import type { Chain } from '../../src/cni/running.ts';
import { validateChain } from '../../src/cni/validate-chain.ts';
import { parseList } from '../../src/kubernetes/cni/config-list.ts';
import { liveSystem } from '../../src/system/live.ts';

// Runs plugins in the host that it is started in, and prints what comes of it. Arguments: a file with the network and the pod, and what to do, in this
// order. What CHECK and DEL need is read from the cache, where an ADD left it, of this process or of one before it.

const [, , file = '', ...verbs] = process.argv;
const request = JSON.parse(readFileSync(file, 'utf8')) as {
  network: object;
  binDirs: string[];
  attachment: Attachment;
  cacheDir: string;
};
const { attachment, cacheDir, binDirs } = request;
const list = parseList(JSON.stringify(request.network));
if ('problem' in list) throw new Error(list.problem);
const chain: Chain = { network: list.value, binDirs };
const system = liveSystem();
const running = { programs: system.programs, system, signal: AbortSignal.timeout(30_000), timeoutMs: 15_000, cacheDir };

const { name } = chain.network;
const outcomes: unknown[] = [];
for (const verb of verbs) outcomes.push(await act(verb));
console.log(JSON.stringify(outcomes));

async function act(verb: string): Promise<unknown> {
  if (verb === 'validate') return validateChain(chain, running);
  if (verb === 'status') return statusChain(chain, running);
  if (verb === 'add') return addChain(chain, attachment, running);
  const recalled = await recall(cacheDir);
  const [attached] = recalled.flatMap(({ attached: one }) =>
    one?.attachment.containerId === attachment.containerId && one.chain.network.name === name ? one : [],
  );
  if (attached === undefined) throw new Error('nothing of it is in the cache');
  if (verb === 'del')
    return delChain(attached.chain, { ...attached.attachment, netns: attachment.netns }, attached.result, running);
  if (attached.result === null) throw new Error('no result');
  return checkChain(attached.chain, attached.attachment, attached.result, running);
}
