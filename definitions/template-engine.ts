import { createRequire } from 'node:module';
import type * as Liquidjs from 'liquidjs';
import type { FilterImplOptions, Liquid } from 'liquidjs';

/** Characters of a template; far more than a trait of 32 KB needs. */
export const MAX_TEMPLATE_LENGTH = 20_000;
/** What one rendering may take: beyond it the row is invalid, and the worker goes on. */
const RENDER_LIMIT_MS = 1_000;
/** Characters and list items that one rendering may make; a trait has 32,768 at most. */
const MEMORY_LIMIT = 1_000_000;

/** Tags that read other files. */
export const fileTags = ['include', 'render', 'layout', 'block'] as const;
/** Filters that are drawn by lot, or read a template of their own at every row, where nothing checks it before. */
const removedFilters = [
  ...['sample'],
  ...['where_exp', 'reject_exp', 'group_by_exp', 'has_exp', 'find_exp', 'find_index_exp'],
];

/** Loaded at the first template: most commands and definitions have none. */
export const liquidjs = (): typeof Liquidjs => createRequire(import.meta.url)('liquidjs') as typeof Liquidjs;

/**
 * Liquid as templates of a mapping have it: nothing outside of the row is read, no clock, no file, no chance; an unknown
 * filter or variable is an error; time and memory have limits.
 *
 * @param filters in the place of Liquid's own
 */
export function createTemplateEngine(filters: Readonly<Record<string, FilterImplOptions>> = {}): Liquid {
  const engine = new (liquidjs().Liquid)({
    strictFilters: true,
    strictVariables: true,
    lenientIf: true,
    ownPropertyOnly: true,
    templates: {},
    timezoneOffset: 0,
    locale: 'en-US',
    parseLimit: MAX_TEMPLATE_LENGTH,
    renderLimit: RENDER_LIMIT_MS,
    memoryLimit: MEMORY_LIMIT,
  });
  for (const tag of fileTags) delete engine.tags[tag];
  for (const filter of removedFilters) delete engine.filters[filter];
  for (const [name, filter] of Object.entries(filters)) engine.registerFilter(name, filter);
  return engine;
}
