/** The TCP probe: a listener that proves itself, and a sender that says nothing before it has. */
export { listenTcp } from './tcp-listener.ts';
export { sendTcp, type TcpJob } from './tcp-sender.ts';
