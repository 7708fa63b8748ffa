/** Whether the environment names an HTTP API, which everything then goes through. */
export const isThroughApi = (env: NodeJS.ProcessEnv): boolean => (env.BACKHAUL_URL ?? '') !== '';
