import type { PodTables } from '../../src/pods/throw-away/pod-network.ts';

/** Of a pod with 10.244.1.5/24 and fd00:1::5/64, default routes, a route without a gateway, and one to 172.20.0.0/16 in table 100. */
export const BRIDGED: PodTables = {
  trie: `Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 10.244.0.0/16 2 0 2
        |-- 10.244.0.0
           /16 link UNICAST
        +-- 10.244.1.0/24 2 0 2
           |-- 10.244.1.0
              /24 link UNICAST
           |-- 10.244.1.5
              /32 host LOCAL
           |-- 10.244.1.255
              /32 link BROADCAST
     +-- 127.0.0.0/8 2 0 2
        |-- 127.0.0.1
           /32 host LOCAL
        |-- 127.255.255.255
           /32 link BROADCAST
Id 100:
     |-- 172.20.0.0
        /16 universe UNICAST
`,
  route: `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t0101F40A\t0003\t0\t0\t0\t00000000\t0\t0\t0
eth0\t0000F40A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
eth0\t0001F40A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
`,
  inet6: `fd000001000000000000000000000005 02 40 00 80     eth0
fe8000000000000000000000000000aa 02 40 20 80     eth0
00000000000000000000000000000001 01 80 10 80       lo
`,
  route6: `fd000001000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 fd000001000000000000000000000001 00000400 00000001 00000000 00000003     eth0
`,
};
