import type { AlertCondition } from './alert.ts';
import type { Run } from './run.ts';

/** What a receiver of webhooks gets, as https://www.standardwebhooks.com has it: a type, a time, and what it is about. */
export type ChannelMessage = AlertMessage | RunMessage | TestMessage;

interface About {
  installation: string;
  alert: string;
  sync: string;
  /** In words, for people. */
  message: string;
}

export interface AlertMessage {
  type: 'alert.raised' | 'alert.recovered';
  /** ISO 8601. */
  timestamp: string;
  data: About & {
    condition: AlertCondition;
    /** Since when it is so, or was; ISO 8601. */
    since: string;
    /** The run that showed it; null: none did. */
    run: Run | null;
  };
}

export interface RunMessage {
  type: 'run.full_sync' | 'run.finished';
  timestamp: string;
  data: About & { condition: AlertCondition; run: Run };
}

/** Sent when a person checks the connection. */
export interface TestMessage {
  type: 'test';
  timestamp: string;
  data: { installation: string; connection: string; message: string };
}
