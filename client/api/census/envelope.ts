import { z } from 'zod';
import type { ErrorShape } from '../answer-errors.ts';

/** As Census answers what was asked. */
export const success = <Data>(data: Data): { status: 'success'; data: Data } => ({ status: 'success', data });

/** As Census says that it could not, with our code and what to do. */
export const censusErrors: ErrorShape = {
  contentType: 'application/json; charset=utf-8',
  bodyOf: ({ action, code, detail, status }) => ({
    status: 'error',
    message: detail,
    code,
    action,
    http_status: status,
  }),
};

const DEFAULT_PER_PAGE = 25;
const MOST_PER_PAGE = 100;

export const pageSchema = z.object({
  page: z.coerce.number().int().min(1).default(1),
  per_page: z.coerce
    .number()
    .int()
    .min(1)
    .default(DEFAULT_PER_PAGE)
    .transform((count) => Math.min(count, MOST_PER_PAGE))
    .meta({ description: `At most ${MOST_PER_PAGE}.` }),
  order: z.enum(['asc', 'desc']).default('desc').meta({ description: 'By id: the order of their making.' }),
});
export type Page = z.output<typeof pageSchema>;

export interface Pagination {
  total_records: number;
  per_page: number;
  prev_page: number | null;
  page: number;
  next_page: number | null;
  last_page: number;
}

/** One page of a list, and where the others are. */
export function listed<Data>(
  data: readonly Data[],
  total: number,
  { page, per_page }: Page,
): { status: 'success'; data: readonly Data[]; pagination: Pagination } {
  const last = Math.max(1, Math.ceil(total / per_page));
  const pagination = {
    total_records: total,
    per_page,
    prev_page: page > 1 ? Math.min(page - 1, last) : null,
    page,
    next_page: page < last ? page + 1 : null,
    last_page: last,
  };
  return { ...success(data), pagination };
}

/** A page of what is wholly at hand, by id. */
export function pageOf<Item extends { id: number }>(items: readonly Item[], page: Page): Item[] {
  const sign = page.order === 'asc' ? 1 : -1;
  const sorted = [...items].sort((one, other) => sign * (one.id - other.id));
  return sorted.slice((page.page - 1) * page.per_page, page.page * page.per_page);
}
