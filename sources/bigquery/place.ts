import type { Place } from '../../vocabulary/spool.ts';
import type { JobPlace } from './jobs.ts';

/** Where a read has come to in the result of a job. */
export interface ReadPlace extends JobPlace {
  read: 'rest' | 'storage';
  /** So many rows are in front of it. */
  rows: number;
  /** The page that follows; null: the first. */
  token: string | null;
  /** The stream of the Storage Read API, once there is one. */
  stream: string | null;
  /** All rows are in front of it. */
  done: boolean;
}

/** A place that this source wrote. */
export function readPlace({ job, location, read, rows, token, stream, done }: Place): ReadPlace {
  return {
    job: String(job),
    location: typeof location === 'string' ? location : undefined,
    read: read === 'storage' ? 'storage' : 'rest',
    rows: Number(rows),
    token: typeof token === 'string' ? token : null,
    stream: typeof stream === 'string' ? stream : null,
    done: done === true,
  };
}
