import type { SegmentRegion } from '../definitions/segment-connection.ts';

const apps: Readonly<Record<SegmentRegion, string>> = {
  us: 'https://app.segment.com',
  eu: 'https://eu1.app.segment.com',
};

/** Where a person sees the events of a source as they come in. */
export const debuggerUrl = (region: SegmentRegion, workspace: string, source: string): string =>
  `${apps[region]}/${encodeURIComponent(workspace)}/sources/${encodeURIComponent(source)}/debugger`;
