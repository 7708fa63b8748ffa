import type { ConnectionType } from '../../../definitions/connection.ts';
import { BackhaulError } from '../../../vocabulary/backhaul-error.ts';
import type { SegmentAnswers } from './ask-segment.ts';

export interface ConnectOptions extends SegmentAnswers {
  secretStdin?: string;
  set: string[];
  yaml?: boolean;
  check: boolean;
  yes?: boolean;
  json?: boolean;
}

/** What would be ignored is refused: throws `usage`. */
export function refuseSenseless(type: ConnectionType, options: ConnectOptions): void {
  const { json, secretStdin, source, tokenStdin, writeKeyStdin, yaml } = options;
  const piped = [
    ...(tokenStdin ? ['--token-stdin'] : []),
    ...(writeKeyStdin ? ['--write-key-stdin'] : []),
    ...(secretStdin === undefined ? [] : ['--secret-stdin']),
  ];
  if (piped.length > 1) throw new BackhaulError('usage', `${piped.join(' and ')}: only one can be piped in`);
  if (type === 'segment' && secretStdin !== undefined)
    throw new BackhaulError('usage', '--secret-stdin: for segment it is --token-stdin or --write-key-stdin');
  if (json && yaml) throw new BackhaulError('usage', '--json and --yaml: one or the other');
  if (type === 'segment' || !(tokenStdin || writeKeyStdin || source.length > 0)) return;
  throw new BackhaulError('usage', '--token-stdin, --write-key-stdin and --source are for segment');
}
