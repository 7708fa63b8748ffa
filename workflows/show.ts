import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import { defineSearchAttributeKey } from '@temporalio/common';
import type { Run } from '../vocabulary/run.ts';
import type { Running } from './running.ts';

const SYNC = defineSearchAttributeKey('BackhaulSync', 'KEYWORD');
const STATUS = defineSearchAttributeKey('BackhaulStatus', 'KEYWORD');
const MODE = defineSearchAttributeKey('BackhaulMode', 'KEYWORD');
const INSTALLATION = defineSearchAttributeKey('BackhaulInstallation', 'KEYWORD');

/** Shows where the run is: as search attributes where the namespace has them, and as the details in the Temporal UI. */
export function show(running: Running): void {
  const { run, settings } = running;
  if (settings.searchAttributes) {
    upsertSearchAttributes([
      { key: SYNC, value: run.sync },
      { key: STATUS, value: run.status },
      { key: INSTALLATION, value: settings.installation },
      ...(run.mode === null ? [] : [{ key: MODE, value: run.mode }]),
    ]);
  }
  showDetails(running);
}

/** The details alone: they cost no history event, search attributes do. */
export function showDetails(running: Running): void {
  setCurrentDetails(details(running));
}

function details({ run, plan, pagesDone, heldLanes, review }: Running): string {
  const { rows, messages } = run;
  const lines = [
    `**${run.sync}** run ${run.number ?? '?'}: ${run.status}`,
    ...(run.mode === null ? [] : [`${run.mode}: ${run.modeReason ?? ''}`]),
    '',
    `rows: ${counted(rows.read)} read, ${counted(rows.added)} added, ${counted(rows.changed)} changed, ` +
      `${counted(rows.unchanged)} unchanged, ${counted(rows.removed)} removed, ${counted(rows.invalid)} invalid`,
    ...(plan === null
      ? []
      : [
          `messages: ${counted(messages.accepted)} of ${counted(messages.planned)} accepted, ${counted(messages.rejected)} rejected, ` +
            `${counted(run.requests)} requests`,
          `pages: ${counted(pagesDone)} of ${counted(plan.pages)}`,
        ]),
    ...(review === undefined || review === null || review.since === null || review.decision !== null
      ? []
      : [
          `**waits for an approval** since ${new Date(review.since).toISOString()}: ${review.reasons.join('; ')}`,
          `update \`approve\` or \`decline\` with \`{"run":"${run.id}"}\``,
        ]),
    ...run.warnings.map((warning) => `warning: ${warning}`),
    ...(heldLanes > 0 ? [`Segment asked to wait: ${heldLanes} lanes are on hold`] : []),
    ...(run.error === null ? [] : [`**${run.error.code}**: ${run.error.message} ${run.error.action}`]),
  ];
  return lines.join('\n\n');
}

/** A number with its thousands parted: the same on every machine, unlike toLocaleString. */
export const counted = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',');

/** `page 12 · 9 batches · 10,000 events` */
export const pageSummary = (page: number, mapped?: { batches: number; messages: number }): string =>
  mapped === undefined
    ? `page ${counted(page)}`
    : `page ${counted(page)} · ${counted(mapped.batches)} batches · ${counted(mapped.messages)} events`;

export const runSummary = (run: Run): string => `${run.sync} run ${run.number ?? '?'}`;
