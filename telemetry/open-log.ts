import { destination, multistream, pino, type DestinationStream, type Logger } from 'pino';
import type { Environment } from '../definitions/installation-environment.ts';
import { logOptions, type LoggingProcess } from './log-options.ts';
import { asText } from './text-lines.ts';

const STDERR = 2;

/**
 * The log of a process that stays: on stderr, one JSON document a line, or text for a terminal (BACKHAUL_LOG_FORMAT).
 *
 * @param besides gets the same lines as JSON, such as for export by OTLP
 */
export function openLog(
  environment: Pick<Environment, 'installation' | 'logFormat' | 'logLevel'>,
  process_: LoggingProcess,
  besides: readonly DestinationStream[] = [],
): Logger {
  // Written before the call returns: a line that says why a process ended must not be lost with it.
  const stderr = destination({ dest: STDERR, sync: true });
  const format = environment.logFormat ?? (process.stderr.isTTY ? 'text' : 'json');
  const streams: DestinationStream[] = [
    format === 'json' ? stderr : { write: (line) => void stderr.write(`${asText(line)}\n`) },
    ...besides,
  ];
  return pino(
    logOptions(environment, process_),
    multistream(streams.map((stream) => ({ stream, level: environment.logLevel }))),
  );
}
