import type { EndUserMessagingRoute, NotifyRoute, SnsRoute } from '../../../lambdas/policy.ts';

/** A route of each sender, with nothing that is optional. */
export const snsRoute = (own: Partial<SnsRoute> = {}): SnsRoute => ({ name: 'sns', sender: 'sns', region: '', ...own });

export const endUserMessagingRoute = (own: Partial<EndUserMessagingRoute> = {}): EndUserMessagingRoute => ({
  name: 'end-user-messaging',
  sender: 'end-user-messaging',
  region: '',
  ...own,
});

export const notifyRoute = (own: Partial<NotifyRoute> = {}): NotifyRoute => ({
  name: 'notify',
  sender: 'notify',
  region: '',
  configuration: 'nc-0123456789abcdef0123456789abcdef',
  tier: 'basic',
  templates: { en: 'notify-code-verification-english-001', hi: 'notify-code-verification-hindi-001' },
  ...own,
});
