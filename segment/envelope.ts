/**
 * The body of a POST to /v1/batch around messages at rest. The write key travels in the body, as Segment advises
 * (segmentio/segment-docs#4137); `sentAt` is the time of this very attempt, since Segment corrects timestamps by it.
 */
export function requestBody(text: Buffer, writeKey: string, sentAt: Date): Buffer {
  const { before, after } = envelope(writeKey, sentAt);
  return Buffer.concat([before, text, after]);
}

/** Bytes of a request body beside the messages and what separates them. The library's own envelope is as long. */
export function envelopeBytes(writeKey: string): number {
  const { before, after } = envelope(writeKey, new Date(0));
  return before.length + after.length;
}

const envelope = (writeKey: string, sentAt: Date): { before: Buffer; after: Buffer } => ({
  before: Buffer.from('{"batch":['),
  after: Buffer.from(`],"sentAt":"${sentAt.toISOString()}","writeKey":${JSON.stringify(writeKey)}}`),
});
