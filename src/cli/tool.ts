/** How reports and saved facts name the program that made them. */
export const TOOL = { name: 'seaworthy', version: SEAWORTHY_VERSION } as const;
