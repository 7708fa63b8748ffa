/** https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
export const GRPC = {
  CANCELLED: 1,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  UNIMPLEMENTED: 12,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
} as const;

/** The status of a gRPC error, or of what it was wrapped in. */
export function grpcStatus(error: unknown): number | undefined {
  for (let one = error; one instanceof Error; one = one.cause) {
    const { code, metadata } = one as { code?: unknown; metadata?: unknown };
    // Others have numbers too, such as those of HTTP.
    if (typeof code === 'number' && typeof metadata === 'object') return code;
  }
  return undefined;
}
