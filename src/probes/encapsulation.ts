export type Encapsulation = 'vxlan' | 'geneve';

/**
 * The last VNI but one, which no add-on uses: those with a fixed one have a small one (Antrea 0, flannel 1, Calico 4096, the hybrid overlay of
 * OVN-Kubernetes 4097), OVN counts up from 1, and Cilium, which puts the identity of the sender there, would need 255 clusters in a mesh and as
 * many identities as the last of them can have. A device with a VNI of its own therefore never takes our frames.
 */
const VNI = Buffer.from('fffffe', 'hex');

/** RFC 7348 section 5: only the flag that the VNI is valid, and what is reserved is 0. */
const VXLAN = Buffer.concat([Buffer.from('08000000', 'hex'), VNI, Buffer.alloc(1)]);

/** RFC 8926 section 3.4: version 0, no options, an Ethernet frame (0x6558) inside. */
const GENEVE = Buffer.concat([Buffer.from('00006558', 'hex'), VNI, Buffer.alloc(1)]);

/** An Ethernet frame between two locally administered addresses, of the type that IEEE 802 keeps for experiments: no network stack takes it for its own. */
const FRAME = Buffer.from('02000000000202000000000188b5', 'hex');

const HEADERS: Readonly<Record<Encapsulation, Buffer>> = {
  vxlan: Buffer.concat([VXLAN, FRAME]),
  geneve: Buffer.concat([GENEVE, FRAME]),
};

/** Bytes that either encapsulation adds. */
export const DRESS_BYTES = HEADERS.vxlan.length;

/** What an overlay would send for a frame with this payload. */
export function dress(kind: Encapsulation, payload: Buffer): Buffer {
  return Buffer.concat([HEADERS[kind], payload]);
}

/** The payload of what `dress` made; null for anything else. */
export function undress(datagram: Buffer): Buffer | null {
  const header = datagram.subarray(0, DRESS_BYTES);
  return header.equals(HEADERS.vxlan) || header.equals(HEADERS.geneve) ? datagram.subarray(DRESS_BYTES) : null;
}
