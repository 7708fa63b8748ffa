import type { Deliver, DeliveryOutcome } from '../segment/deliver.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { askingOutside } from '../telemetry/span.ts';

/** A delivery that is counted, measured, and a span of its trace. Of the batch only sizes are told. */
export const observedDelivery =
  (
    metrics: Metrics,
    { page, run, sync }: { sync: string; run: string; page: number },
    deliver: Deliver,
  ): Deliver =>
  (batch, options) =>
    askingOutside(
      'Segment POST',
      {
        'backhaul.sync': sync,
        'backhaul.run': run,
        'backhaul.page': page,
        'backhaul.events': batch.events,
        'backhaul.bytes': batch.text.byteLength,
        'http.request.method': 'POST',
      },
      async (add) => {
        const began = performance.now();
        const outcome = await deliver(batch, options);
        const status = statusOf(outcome);
        add({
          'backhaul.outcome': outcome.kind,
          ...(status !== null && { 'http.response.status_code': status }),
        });
        metrics('backhaul_segment_request_duration_seconds', (performance.now() - began) / 1000, {
          status: classOf(status),
        });
        metrics('backhaul_segment_requests', 1, { sync, status: classOf(status) });
        if (outcome.kind === 'accepted') metrics('backhaul_segment_events', batch.events, { sync });
        if (outcome.kind === 'throttled') {
          metrics('backhaul_segment_holds', 1, { sync });
          metrics('backhaul_segment_hold_seconds', Math.ceil(outcome.retryAfterMs / 1000), { sync });
        }
        return outcome;
      },
    );

const statusOf = (outcome: DeliveryOutcome): number | null =>
  outcome.kind === 'accepted' ? 200 : outcome.status;

/** The status class; of the 4xx, 429 is no fault of the batch and stands alone. */
const classOf = (status: number | null): string =>
  status === null ? 'none' : status === 429 ? '429' : `${Math.floor(status / 100)}xx`;
