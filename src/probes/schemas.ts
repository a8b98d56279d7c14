import * as z from 'zod';

/** What was seen of packets, as it is sent between nodes and saved: the types are those of evidence/probes.ts. */

const port = z.int().min(1).max(65_535);
const count = z.number().nonnegative();
const address = z.string().max(64).nullable();

export const portsSchema = () =>
  z
    .object({
      first: port.describe('the lowest'),
      last: port.describe('the highest; the same as first for a single port'),
    })
    .refine(({ first, last }) => first <= last, 'it is reversed');

export const countedSchema = () =>
  z.object({
    sent: count.describe('datagrams that were sent'),
    came: count.describe('different ones that came'),
    duplicates: count.describe('those that came again'),
    reordered: count.describe('those that came after one that was sent later'),
  });

export const senderSchema = () =>
  z.object({
    outcome: z
      .enum(['answered', 'accepted', 'refused', 'error', 'silence'])
      .describe(
        'answered: a listener of ours proved itself; accepted: somebody took the connection and did not; refused: ECONNREFUSED; error: another errno; silence: nothing within the time',
      ),
    errno: z.string().max(40).nullable().describe('of the failure'),
    waitedMs: count.describe('milliseconds until the outcome was known, of the slowest port'),
    rttMs: count.nullable().describe('milliseconds of a round trip, of the quickest port'),
    sent: count.describe('connects, or datagrams for each port'),
    address: address.describe('local address of the socket, where the kernel told'),
    atOnce: z.boolean().describe('the system call itself refused: nothing left the machine'),
    answeredBy: z.string().max(300).nullable().describe('whose listener answered; null where nobody proved anything'),
    spoken: z.boolean().describe('bytes came that are no greeting of ours'),
    heldBack: count
      .nullable()
      .describe('packets that its own counters show it did not let out; null where nobody looked or it cannot be told'),
    neighbour: z
      .enum(['failed', 'resolved'])
      .nullable()
      .describe('whether the next hop answers ARP; null when it was not looked at'),
    answers: countedSchema().nullable().describe('UDP: answers that came back; null where loss was not measured'),
    dressed: countedSchema().nullable().describe('answers to datagrams that look like the encapsulation'),
    likeDressed: countedSchema().nullable().describe('answers to plain ones of their size'),
  });

export const receiverSchema = () =>
  z.object({
    listener: z
      .enum(['ours', 'owner', 'kernel', 'service', 'none', 'unavailable'])
      .describe(
        'who holds the port: ours; owner: a process; kernel: a device; service: rules that send it to a Service; none, and the peer may not open it; unavailable: it could not be opened',
      ),
    detail: z.string().max(1_000).nullable().describe('the owner, the Service’s rule, or why it could not be opened'),
    arrived: count.describe('requests that our listener took'),
    answered: count.describe('those of them that it answered'),
    source: address.describe('address from which they came, as seen there'),
    halfOpen: count.describe('connections of this sender that the kernel there holds in SYN_RECV'),
    established: count.describe('those that it has as made, and that we or the owner did not greet yet'),
    turnedBack: count
      .nullable()
      .describe('second look: embryonic connections that the peer’s own side reset or did not queue'),
    cookies: count.nullable().describe('second look: SYN cookies that the peer sent'),
    lostAt: z
      .enum(['before-peer', 'peer-input', 'peer-output', 'after-peer', 'unknown'])
      .nullable()
      .describe('second look: where the peer’s counters lose sight of the packets; evidence only'),
    requests: countedSchema().nullable().describe('UDP: requests that came; null where loss was not measured'),
    dressed: countedSchema().nullable().describe('datagrams that look like the encapsulation'),
    likeDressed: countedSchema().nullable().describe('plain ones of their size'),
  });

export const bulkSchema = () =>
  z.object({
    port: port.describe('TCP port'),
    bytes: count.describe('sent each way'),
    arrived: count.describe('bytes that the receiver got'),
    returned: count.describe('bytes that the sender got back'),
    ms: count.describe('milliseconds that it took'),
    stalled: z.boolean().describe('it stood still, and did not merely end'),
  });

export const pathMtuSchema = () =>
  z.object({
    port: port.nullable().describe('UDP port that answered; null when none did, and nothing is known'),
    mtu: z.int().nullable().describe('bytes of the largest IP packet that arrived unfragmented'),
    beyond: z
      .enum(['none-tried', 'told', 'black-hole'])
      .nullable()
      .describe('what became of larger ones: none-tried, told that they are too big, or silence'),
    ceiling: z.int().describe('bytes that were tried first'),
    source: address.describe('local address of the sender'),
    detail: z.string().max(1_000).nullable().describe('why it could not be measured'),
  });
