import { request, type Dispatcher } from 'undici';

/** Snowflake refuses the token of a key pair that was issued more than a minute from its own time. */
const TOLERATED_MS = 60_000;
const PATIENCE_MS = 10_000;

/** Whether the clock of this machine is far from that of the server. */
export async function clockIsWrong(url: string, dispatcher: Dispatcher): Promise<boolean> {
  try {
    const { body, headers } = await request(url, { method: 'HEAD', dispatcher, headersTimeout: PATIENCE_MS });
    await body.dump();
    const there = Date.parse(String(headers.date));
    return Math.abs(there - Date.now()) > TOLERATED_MS;
  } catch {
    return false;
  }
}
