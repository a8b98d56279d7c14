import { boundSocket, closeSocket, sourceOf } from './datagram-socket.ts';
import { decodeRequest, encodeEcho } from './datagram.ts';
import type { OpenPort, Receiver } from './ends.ts';

/**
 * Opens a UDP port of one address: answers requests of members of our runs, made for this port, and nothing else. Rejects with the system's error
 * (EADDRINUSE, EACCES, EADDRNOTAVAIL, EMFILE).
 */
export async function listenUdp(receiver: Receiver, address: string, port: number): Promise<OpenPort> {
  const socket = await boundSocket(address, port);
  const own = port === 0 ? socket.address().port : port;
  socket.on('message', (datagram, remote) => {
    const request = decodeRequest(receiver, own, datagram);
    if (request === null) return;
    const { run, from, forUs, form, number } = request;
    // One that was led here from another machine says nothing of the way to this one; whoever sent it is told all the same who answers.
    const recorded = forUs && form !== 'sized';
    if (recorded)
      run.arrivals.add({ from, protocol: 'udp', address, port: own, source: sourceOf(remote), form, number });
    socket.send(encodeEcho(request, own), remote.port, remote.address, (failed) => {
      if (failed === null && recorded) run.arrivals.answered(from, 'udp', address, own);
    });
  });
  return { close: () => closeSocket(socket) };
}
