/** TCP port of the control channel between machines that run seaworthy. */
export const CONTROL_PORT = 10_777;
