import { labTest, TOKEN_FILE } from './lab.ts';
import { pair, rules } from './reach.ts';
for (const [a,b] of [['drop','reject with icmp admin-prohibited'],['reject with icmp admin-prohibited','drop']])
labTest('500 100 '+a, async ({ lab }) => {
  const [own, peer] = await pair(lab);
  const mid = a==='drop' ? 31500 : 31100;
  await rules(peer, {input: [`tcp dport 31000-${mid-1} ${a}`, `udp dport 31000-${mid-1} ${a}`, `tcp dport ${mid}-31599 ${b}`, `udp dport ${mid}-31599 ${b}`]});
  const r = await own.cli('check', '--role','worker', '--only','ports/node-ports-reachable', '--peer', 'worker@10.77.0.2', '--token-file', TOKEN_FILE);
  console.log('CASE', a, await peer.sh("nstat -az IcmpOutDestUnreachs IcmpOutRateLimitHost IcmpOutRateLimitGlobal; sysctl net.ipv4.icmp_ratelimit net.ipv4.icmp_msgs_per_sec net.ipv4.icmp_msgs_burst"));
  console.log(r.stderr);
});
