import type { Backhaul } from './backhaul.ts';
import { isThroughApi } from './is-through-api.ts';

/**
 * Connects as the environment says: to the HTTP API of BACKHAUL_URL, or to ledger, blobs and Temporal themselves, or to the
 * `backhaul dev` of this folder. What the way needs is loaded with it.
 */
export async function connect(env: NodeJS.ProcessEnv): Promise<Backhaul> {
  if (isThroughApi(env)) {
    const { openRemote } = await import('./remote/remote-backhaul.ts');
    return openRemote(env);
  }
  const { connectDirectly } = await import('./direct.ts');
  return connectDirectly(env);
}
