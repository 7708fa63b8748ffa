import { it } from '@jest/globals';

/** How a program reaches an installation. */
export type Way = 'directly' | 'the HTTP API';

/** Both, for what must not differ between them. */
export const ways: readonly Way[] = ['directly', 'the HTTP API'];

/** `it` for what happens behind either way, where they cannot differ: it is tested directly, and not again. */
export const onceOf = (through: Way): ((name: string, test: () => Promise<void>) => void) =>
  through === 'directly' ? it : () => undefined;
