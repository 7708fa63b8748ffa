import { BackhaulError } from '../vocabulary/backhaul-error.ts';

/** Where telemetry goes by OTLP, signal by signal; null: nowhere. */
export interface OtelEnvironment {
  traces: OtlpTarget | null;
  metrics: (OtlpTarget & { intervalMs: number; temporality: 'cumulative' | 'delta' }) | null;
  logs: OtlpTarget | null;
}

export interface OtlpTarget {
  url: string;
  protocol: OtlpProtocol;
}

export const otlpProtocols = ['http/json', 'http/protobuf', 'grpc'] as const;
export type OtlpProtocol = (typeof otlpProtocols)[number];

type Signal = 'TRACES' | 'METRICS' | 'LOGS';
type Env = Readonly<Record<string, string | undefined>>;

const nowhere: OtelEnvironment = { traces: null, metrics: null, logs: null };
const DEFAULT_INTERVAL_MS = 60_000;
const ACTION = 'Set the variables of OpenTelemetry to what docs/telemetry.md says, or take them away.';

/**
 * Reads the standard variables of OpenTelemetry. Nothing is sent anywhere unless one of them names an address: the default of the
 * standard, a collector on this machine, is not taken for granted.
 *
 * @throws usage, which names the variable and never its value
 */
export function readOtelEnvironment(env: Env): OtelEnvironment {
  if (/^true$/i.test(env.OTEL_SDK_DISABLED?.trim() ?? '')) return nowhere;
  const metrics = targetOf(env, 'METRICS', otlpProtocols);
  return {
    traces: targetOf(env, 'TRACES', ['http/json', 'http/protobuf']),
    logs: targetOf(env, 'LOGS', ['http/json', 'http/protobuf']),
    metrics: metrics && {
      ...metrics,
      intervalMs: intervalOf(env.OTEL_METRIC_EXPORT_INTERVAL),
      temporality: /^delta$/i.test(env.OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE?.trim() ?? '')
        ? 'delta'
        : 'cumulative',
    },
  };
}

function targetOf(env: Env, signal: Signal, protocols: readonly OtlpProtocol[]): OtlpTarget | null {
  const exporter = set(env[`OTEL_${signal}_EXPORTER`]) ?? 'otlp';
  if (!exporter.split(',').includes('otlp')) return null;
  const own = `OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`;
  const ownUrl = set(env[own]);
  const common = set(env.OTEL_EXPORTER_OTLP_ENDPOINT);
  const url = ownUrl ?? common;
  if (url === undefined) return null;
  const name = ownUrl === undefined ? 'OTEL_EXPORTER_OTLP_ENDPOINT' : own;
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw refused(`${name}: must be an http or https address`);
  const protocol = protocolOf(env, signal, protocols);
  // By the standard, the common address is the base of all; over gRPC there are no paths.
  const isBase = ownUrl === undefined && protocol !== 'grpc';
  return { url: isBase ? `${url.replace(/\/+$/, '')}/v1/${signal.toLowerCase()}` : url, protocol };
}

function protocolOf(env: Env, signal: Signal, protocols: readonly OtlpProtocol[]): OtlpProtocol {
  const own = `OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`;
  const ownProtocol = set(env[own]);
  const given = ownProtocol ?? set(env.OTEL_EXPORTER_OTLP_PROTOCOL) ?? 'http/protobuf';
  const known = protocols.find((protocol) => protocol === given);
  if (known !== undefined) return known;
  const name = ownProtocol === undefined ? 'OTEL_EXPORTER_OTLP_PROTOCOL' : own;
  throw refused(
    `${name}: ${signal.toLowerCase()} go by ${protocols.join(' or ')}; set ${own} to one of them`,
  );
}

function intervalOf(text: string | undefined): number {
  const given = set(text);
  if (given === undefined) return DEFAULT_INTERVAL_MS;
  const ms = Number(given);
  if (!Number.isInteger(ms) || ms <= 0)
    throw refused('OTEL_METRIC_EXPORT_INTERVAL: must be a number of milliseconds');
  return ms;
}

const set = (text: string | undefined): string | undefined => {
  const trimmed = text?.trim();
  return trimmed === '' ? undefined : trimmed;
};

const refused = (what: string): BackhaulError => new BackhaulError('usage', what, { action: ACTION });

/** `a=1,b=2` as OTEL_EXPORTER_OTLP_HEADERS and OTEL_RESOURCE_ATTRIBUTES have it, values percent-encoded. */
export function readPairs(text: string | undefined): Record<string, string> {
  const pairs = (text ?? '').split(',').flatMap((pair): [string, string][] => {
    const at = pair.indexOf('=');
    const name = pair.slice(0, at).trim();
    return at < 1 || name === '' ? [] : [[name, decoded(pair.slice(at + 1).trim())]];
  });
  return Object.fromEntries(pairs);
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
};
