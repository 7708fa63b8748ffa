import { randomUUID } from 'node:crypto';
import type { NotificationEvent } from '../vocabulary/alert.ts';
import type { ChannelMessage } from '../vocabulary/channel-message.ts';
import type { Run } from '../vocabulary/run.ts';
import type { Judgement } from './judge-run.ts';
import type { SentMessage } from './send-to-channel.ts';

/** What is to be told of a sync. */
export interface Told {
  installation: string;
  alert: string;
  sync: string;
  event: NotificationEvent;
  judgement: Judgement;
  /** Since when it is so, or was. */
  since: Date;
  run: Run | null;
  now: Date;
}

export const wordsOf = ({
  event,
  judgement: { condition, message },
}: Pick<Told, 'event' | 'judgement'>): string =>
  event === 'recovered' ? `recovered (${condition}): ${message}` : message;

/** As its receivers get it. */
export function messageOf(told: Told): ChannelMessage {
  const { alert, event, installation, judgement, now, run, since, sync } = told;
  const { condition } = judgement;
  const about = { installation, alert, sync, condition, message: wordsOf(told) };
  const timestamp = now.toISOString();
  if (event !== 'happened') {
    return { type: `alert.${event}`, timestamp, data: { ...about, since: since.toISOString(), run } };
  }
  if (run === null) throw new Error(`${condition} happens to runs`);
  return {
    type: condition === 'fullSync' ? 'run.full_sync' : 'run.finished',
    timestamp,
    data: { ...about, run },
  };
}

export const testMessage = (installation: string, connection: string): SentMessage => ({
  id: `test_${randomUUID()}`,
  message: {
    type: 'test',
    timestamp: new Date().toISOString(),
    data: { installation, connection, message: `Backhaul can reach this by the connection ${connection}.` },
  },
});
