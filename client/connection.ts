import type { Client } from '@temporalio/client';
import type { Blobs } from '../blobs/blobs.ts';
import type { Ledger } from '../ledger/connect.ts';

/** What the client works through. */
export interface ClientConnection {
  temporal: Client;
  ledger: Ledger;
  blobs: Blobs;
  installation: string;
  /** With the installation's prefix. */
  taskQueue: string;
  /** Encrypt what is stored of a connection. */
  encryptionKeys: readonly Buffer[];
  links: { uiUrl: string | null; namespace: string };
  /** Waits for Temporal's answer, at most until this connection is closed: then the wait is given up. */
  whileOpen<T>(wait: () => Promise<T>): Promise<T>;
}
