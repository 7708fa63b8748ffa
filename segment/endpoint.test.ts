import { describe, expect, it } from '@jest/globals';
import { batchUrl, settingsUrl } from './endpoint.ts';

const writeKey = 'a/b';

describe('batchUrl', () => {
  it.each([
    ['us', undefined, 'https://api.segment.io/v1/batch'],
    ['eu', undefined, 'https://events.eu1.segmentapis.com/v1/batch'],
    ['eu', 'https://api.segment.io', 'https://api.segment.io/v1/batch'],
    ['us', 'https://api.segment.io/v1', 'https://api.segment.io/v1/batch'],
    ['us', 'https://api.segment.io/v1/', 'https://api.segment.io/v1/batch'],
    ['us', 'https://api.segment.io/v1/batch', 'https://api.segment.io/v1/batch'],
    ['us', 'http://[::1]:9000/proxy/', 'http://[::1]:9000/proxy/v1/batch'],
    ['us', 'https://proxy.example/v1beta?tenant=1', 'https://proxy.example/v1beta/v1/batch?tenant=1'],
  ] as const)('posts for %s and %s to %s', (region, trackingUrl, expected) => {
    expect(batchUrl({ region, ...(trackingUrl === undefined ? {} : { trackingUrl }) }).href).toBe(expected);
  });
});

describe('settingsUrl', () => {
  it("asks Segment's host, or the one that is given", () => {
    expect(settingsUrl({ writeKey })?.href).toBe('https://cdn.segment.com/v1/projects/a%2Fb/settings');
    expect(settingsUrl({ writeKey, settingsUrl: 'http://localhost:1/x/' })?.href).toBe(
      'http://localhost:1/x/v1/projects/a%2Fb/settings',
    );
  });

  it("does not tell Segment the key of another server's source", () => {
    expect(settingsUrl({ writeKey, trackingUrl: 'http://localhost:1' })).toBeNull();
  });
});
