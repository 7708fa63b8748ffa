import type { Finding } from './issues.ts';

/** A field that a definition needs and does not have. */
export const missingField = (field: string, fix: string, title: string): Finding => ({
  path: [field],
  at: 'key',
  absence: true,
  message: `"${field}" is missing in ${title}`,
  fix,
});
