import type { ApiContext, Handlers } from '../handlers.ts';

export function alertHandlers({
  backhaul,
}: ApiContext): Handlers<'listAlerts' | 'listNotifications' | 'redeliver'> {
  return {
    listAlerts: () => backhaul.alerts.list(),
    listNotifications: ({ query: { limit, status, sync } }) =>
      backhaul.alerts.notifications({
        ...(limit !== undefined && { limit }),
        ...(status !== undefined && { status }),
        ...(sync !== undefined && { sync }),
      }),
    redeliver: ({ params: { id } }) => backhaul.alerts.redeliver(id),
  };
}
