import { GRPC, grpcStatus } from '../definitions/grpc-status.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';

/**
 * A call that Temporal did not answer, or refused, as one of Backhaul's errors; any other error as it is. The SDK has tried for some
 * 20 seconds by then.
 */
export function temporalError(error: unknown): unknown {
  if (error instanceof BackhaulError) return error;
  const status = grpcStatus(error);
  const options = { cause: error };
  switch (status) {
    // A load balancer that goes away cancels what it carries. What we cancel ourselves ends with our own reason.
    case GRPC.CANCELLED:
    case GRPC.DEADLINE_EXCEEDED:
    case GRPC.RESOURCE_EXHAUSTED:
    case GRPC.UNAVAILABLE:
      return new BackhaulError('temporal_unreachable', `gRPC ${status}`, options);
    case GRPC.PERMISSION_DENIED:
    case GRPC.UNAUTHENTICATED:
      return new BackhaulError('temporal_unauthorized', `gRPC ${status}`, options);
    default:
      return error;
  }
}
