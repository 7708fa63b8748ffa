import { describe, expect, it } from '@jest/globals';
import { readOtelEnvironment, readPairs } from './otel-environment.ts';

const nowhere = { traces: null, metrics: null, logs: null };
const ENDPOINT = 'OTEL_EXPORTER_OTLP_ENDPOINT';

describe('the variables of OpenTelemetry', () => {
  it('send nothing anywhere unless one of them names an address', () => {
    expect(readOtelEnvironment({})).toEqual(nowhere);
    expect(readOtelEnvironment({ OTEL_SERVICE_NAME: 'x', OTEL_TRACES_EXPORTER: 'otlp' })).toEqual(nowhere);
    expect(readOtelEnvironment({ [ENDPOINT]: ' ' })).toEqual(nowhere);
    expect(readOtelEnvironment({ [ENDPOINT]: 'http://c:4318', OTEL_SDK_DISABLED: 'TRUE' })).toEqual(nowhere);
  });

  it('give each signal its path behind the common address, and take its own as it is', () => {
    const { logs, metrics, traces } = readOtelEnvironment({
      [ENDPOINT]: 'http://c:4318/base/',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://t/spans',
      OTEL_LOGS_EXPORTER: 'none',
    });
    expect(traces?.url).toBe('https://t/spans');
    expect(metrics).toMatchObject({ url: 'http://c:4318/base/v1/metrics', intervalMs: 60_000 });
    expect(logs).toBeNull();
  });

  it('may send metrics over gRPC, and refuse it for what cannot go that way', () => {
    const grpc = { [ENDPOINT]: 'http://c:4317', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
    expect(() => readOtelEnvironment(grpc)).toThrow(/OTEL_EXPORTER_OTLP_TRACES_PROTOCOL/);
    const metricsOnly = { ...grpc, OTEL_TRACES_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' };
    expect(readOtelEnvironment(metricsOnly).metrics).toMatchObject({
      url: 'http://c:4317',
      protocol: 'grpc',
    });
  });

  it('that are wrong are named without their value', () => {
    for (const wrong of [{ [ENDPOINT]: 'planted' }, { [ENDPOINT]: 'ftp://planted' }]) {
      expect(() => readOtelEnvironment(wrong)).toThrow(new RegExp(`^(?!.*planted).*${ENDPOINT}`, 's'));
    }
    expect(() =>
      readOtelEnvironment({ [ENDPOINT]: 'http://c', OTEL_METRIC_EXPORT_INTERVAL: 'soon' }),
    ).toThrow(/OTEL_METRIC_EXPORT_INTERVAL/);
  });

  it('hold pairs whose values are percent-encoded', () => {
    expect(readPairs('a=1, b=x%20y=z,,c')).toEqual({ a: '1', b: 'x y=z' });
    expect(readPairs('a=%zz')).toEqual({ a: '%zz' });
    expect(readPairs(undefined)).toEqual({});
  });
});
