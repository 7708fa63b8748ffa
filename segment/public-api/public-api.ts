import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import { answers, type SegmentSource, type Workspace } from './answers.ts';
import { requireWellFormed } from './credential.ts';
import { deliveryWindow, type Window } from './delivery-window.ts';
import { get, type PublicApiAccess } from './get.ts';

/** Sources of a page; 1,000 at most. */
const SOURCES_PER_PAGE = 200;
/** Reasons of a page; there are about twenty. */
const REASONS_PER_PAGE = 100;
/** A server that gives ever more pages is not Segment. */
const MAX_PAGES = 500;

/** The few questions that Backhaul has for Segment's Public API: https://docs.segmentapis.com */
export interface PublicApi {
  /** Any token may ask this. */
  workspace(): Promise<Workspace>;
  /** All of them, page by page. */
  sources(): Promise<SegmentSource[]>;
  /** By id. Throws `segment_source_unknown`. */
  source(id: string): Promise<SegmentSource>;
  /**
   * What the delivery overview (beta) says that came in from a source and what of it failed on ingest, by reason; null when the
   * span is too long or too long ago for it.
   */
  deliveries(sourceId: string, window: Window): Promise<Deliveries | null>;
}

export interface Deliveries {
  received: number;
  failed: Record<string, number>;
}

/**
 * Connects to nothing yet. Throws `segment_credential_malformed`; each question throws `segment_token_refused`,
 * `segment_api_unreachable`, `segment_api_throttled` and `segment_api_refused`.
 */
export function openPublicApi(access: PublicApiAccess): PublicApi {
  requireWellFormed(access.token, 'token');

  /** Pages of an answer that has a cursor. */
  async function* pages<Page extends { data: { pagination: { next?: string | null | undefined } } }>(
    question: Parameters<typeof get<Page>>[1],
    count: number,
  ): AsyncGenerator<Page['data']> {
    let cursor: string | null | undefined;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const at: Record<string, string> = cursor == null ? {} : { 'pagination[cursor]': cursor };
      const query = { ...question.query, 'pagination[count]': String(count), ...at };
      const { data } = await get<Page>(access, { ...question, query });
      yield data;
      const next = data.pagination.next;
      if (next == null || next === '' || next === cursor) return;
      cursor = next;
    }
    throw new BackhaulError('segment_api_refused', `${access.endpoint.host}: more than ${MAX_PAGES} pages`);
  }

  const counts = (path: string, query: Record<string, string>) =>
    pages(
      {
        path: `/delivery-overview/${path}`,
        query,
        answer: answers.deliveries,
      },
      REASONS_PER_PAGE,
    );

  return {
    workspace: async () => (await get(access, { path: '/', answer: answers.workspace })).data.workspace,

    async sources() {
      const all: SegmentSource[] = [];
      for await (const { sources } of pages({ path: '/sources', answer: answers.sources }, SOURCES_PER_PAGE))
        all.push(...sources);
      return all;
    },

    async source(id) {
      const missing = { code: 'segment_source_unknown', where: `source ${id}` } as const;
      const path = `/sources/${encodeURIComponent(id)}`;
      return (await get(access, { path, answer: answers.source, missing })).data.source;
    },

    async deliveries(sourceId, window) {
      const span = deliveryWindow(window);
      if (span === null) return null;
      const query = { sourceId, ...span };
      let received = 0;
      for await (const { total } of counts('successfully-received', query)) received = total;
      const failed: Record<string, number> = {};
      const byReason = { ...query, 'groupBy[0]': 'discardReason' };
      for await (const { dataset } of counts('failed-on-ingest', byReason)) {
        for (const { discardReason = 'unknown', total } of dataset) {
          if (total > 0) failed[discardReason] = (failed[discardReason] ?? 0) + total;
        }
      }
      return { received, failed };
    },
  };
}
