import { createRequire } from 'node:module';

const { name, version } = createRequire(import.meta.url)('backhaul/package.json') as {
  name: string;
  version: string;
};

/** Named in the context of every message, and by `--version`. */
export const product = { name, version } as const;
