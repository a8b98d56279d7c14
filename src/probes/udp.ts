/** The UDP probe: a listener that answers what is proved, and a sender of numbered datagrams. */
export { listenUdp } from './udp-listener.ts';
export { sendUdp, type UdpJob } from './udp-sender.ts';
