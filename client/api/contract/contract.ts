import { alertEndpoints } from './alerts.ts';
import { connectionEndpoints, definitionEndpoints } from './definitions.ts';
import { keyEndpoints } from './keys.ts';
import { runEndpoints } from './runs.ts';
import { syncEndpoints } from './syncs.ts';

/** All addresses of the HTTP API, by what they do. */
export const contract = {
  ...definitionEndpoints,
  ...connectionEndpoints,
  ...syncEndpoints,
  ...runEndpoints,
  ...alertEndpoints,
  ...keyEndpoints,
};
export type Contract = typeof contract;
