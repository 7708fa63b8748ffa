import { InterceptingCall, Metadata, status, type Interceptor } from '@grpc/grpc-js';

/**
 * Ends a call whose channel is closed with a status. The SDK tries again from a timer, where the error that grpc-js throws instead would
 * end the process: a server that is stopped while Temporal is away would crash.
 */
export const endWithChannel: Interceptor = (options, nextCall) => {
  try {
    return new InterceptingCall(nextCall(options));
  } catch {
    return new InterceptingCall(ended);
  }
};

const nothing = (): void => undefined;

const ended: ConstructorParameters<typeof InterceptingCall>[0] = {
  start(_, listener) {
    listener?.onReceiveMessage?.(null);
    listener?.onReceiveStatus?.({
      code: status.CANCELLED,
      details: 'the connection is closed',
      metadata: new Metadata(),
    });
  },
  cancelWithStatus: nothing,
  sendMessageWithContext: nothing,
  sendMessage: nothing,
  startRead: nothing,
  halfClose: nothing,
  getPeer: () => '',
  getAuthContext: () => null,
};
