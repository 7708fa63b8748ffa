import { awaitTemporal, temporalProgram } from '../temporal-server.ts';
import type { Part } from './part.ts';

export interface TemporalPartOptions {
  cli: string;
  ports: { temporal: number; ui: number };
  databaseFile: string;
  /** Instead of the user's home folder. */
  home: string;
  log: string;
}

export const temporalCommandLine = (databaseFile: string): string[] => ['--db-filename', databaseFile];

export const temporalPart = ({ cli, databaseFile, home, log, ports }: TemporalPartOptions): Part => ({
  name: 'temporal',
  program: temporalProgram({ cli, port: ports.temporal, uiPort: ports.ui, databaseFile, home }),
  log,
  ready: (running) => awaitTemporal(`127.0.0.1:${ports.temporal}`, running),
});
