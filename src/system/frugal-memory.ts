import { setFlagsFromString } from 'node:v8';

/**
 * The space for what is short-lived stays as small as it is now, and that for the rest grows by little before it is gone through. V8 would let both grow
 * while thousands of sockets are opened and closed, and not give it back: measured with four machines that sweep each other 140 MB in place of 230, for a
 * quarter more time of the processor, and after eight sweeps of one 125 MB in place of 205.
 */
export function stayFrugal(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=30');
}
