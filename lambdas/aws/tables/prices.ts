import { itemKinds, priceDays } from '../../contract.ts';
import type { DaySums } from '../../desk/prices/sums.ts';
import { microUsd } from '../../otp/limits/caps.ts';
import type { Measured, Way } from '../../otp/receipts/ports.ts';
import { type Item, keyOf, numberAt, values } from '../dynamo/items.ts';

// The sums of a day, a country and a route stand in Traffic, under a key of their own, which no group of the detector has.

export const pricePartition = itemKinds.traffic.price.pk;
/** Days are in order, so that a query finds those from one on. */
export const priceKey = (day: string, { country, route }: Way): Item =>
  keyOf(pricePartition, `${day}#${country}#${route}`);

/** Epoch seconds. */
const expiryOf = (day: string): number => Date.parse(`${day}T00:00:00Z`) / 1000 + (priceDays.kept + 1) * 86_400;

/** Sums grow by `ADD`, which needs no condition and loses no message beside others. */
export const addPrice =
  'SET expiresAt = :expiresAt ADD messages :one, estimated :estimated, #real :real, partsOf :partsOf, estimatedParts :estimatedParts, realParts :realParts';
/** A word of DynamoDB. */
export const namesOfPrice = { '#real': 'real' };

export const valuesOfPrice = (day: string, { priceUsd, estimateUsd, parts }: Measured): Item =>
  values({
    ':one': 1,
    ':estimated': microUsd(estimateUsd),
    ':real': microUsd(priceUsd),
    ':partsOf': parts === undefined ? 0 : 1,
    ':estimatedParts': parts?.estimated ?? 0,
    ':realParts': parts?.real ?? 0,
    ':expiresAt': expiryOf(day),
  });

/** Reads the sums of a day; `undefined` for an item that is none. */
export const readPrice = (item: Item): DaySums | undefined => {
  const [, day, country, route] = /^(\d{4}-\d{2}-\d{2})#([A-Z]{2})#(.{1,100})$/.exec(item['sk']?.S ?? '') ?? [];
  const at = (name: string) => numberAt(item, name) ?? Number.NaN;
  const sums = {
    messages: at('messages'),
    estimatedMicroUsd: at('estimated'),
    realMicroUsd: at('real'),
    partsOf: at('partsOf'),
    estimatedParts: at('estimatedParts'),
    realParts: at('realParts'),
  };
  const isWhole = Object.values(sums).every((sum) => Number.isSafeInteger(sum) && sum >= 0);
  return day === undefined || country === undefined || route === undefined || !isWhole
    ? undefined
    : { country, route, ...sums };
};
