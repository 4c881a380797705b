import { findingMail, findingMailTemplate } from '../../lambdas/contract.ts';
import { type BusEvent, wholeEventOf } from '../aws/eventbridge.ts';
import { isMatch, requireRule, textOf } from './rule.ts';

/** A mail as the topic of the alarms would send it. SNS has no subject for it. */
export type Mail = {
  /** RFC 3339 UTC */
  readonly at: string;
  /** Of the event that it was made of. */
  readonly eventId: string;
  readonly text: string;
};

export type Mails = {
  /** Gets each event that the bus takes. */
  readonly take: (event: BusEvent) => void;
  /** Newest first; the last 200. */
  readonly list: () => readonly Mail[];
  readonly clear: () => void;
};

const maxMails = 200;

/** Stands in for the rule of the stack that makes a mail of a finding, and for its topic. */
export const createMails = (dashboardUrl: string, onMail: (mail: Mail) => void = () => {}): Mails => {
  const rule = { ...findingMail, template: findingMailTemplate(dashboardUrl) };
  requireRule(rule);
  const mails: Mail[] = [];
  return {
    take: (event) => {
      const whole = wholeEventOf(event);
      if (!isMatch(rule.pattern, whole)) return;
      const mail = { at: event.at, eventId: event.id, text: textOf(rule, whole) };
      mails.unshift(mail);
      mails.length = Math.min(mails.length, maxMails);
      onMail(mail);
    },
    list: () => [...mails],
    clear: () => {
      mails.length = 0;
    },
  };
};
