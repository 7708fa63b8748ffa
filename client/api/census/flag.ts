import { z } from 'zod';

const words: Readonly<Record<string, boolean>> = {
  true: true,
  t: true,
  1: true,
  false: false,
  f: false,
  0: false,
  '': false,
};

/** Yes or no as clients write it: in JSON, and in a query, where Python says `True`. Absent: no. */
export const flagSchema = z
  .union([z.boolean(), z.literal(0), z.literal(1), z.string(), z.null()])
  .default(false)
  .transform((given, context) => {
    const flag = words[String(given ?? '').toLowerCase()];
    if (flag !== undefined) return flag;
    context.addIssue({ code: 'custom', message: 'is neither true nor false' });
    return z.NEVER;
  });
