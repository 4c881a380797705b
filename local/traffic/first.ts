import { each, honest, inOrder, type Places } from './places.ts';
import { evenly, nobody, type Script } from './visit.ts';

const day = 86_400;

/** A1: one range, a number after the other. */
export const sequentialRange = ({ area, rentedIp }: Places): Script => {
  const [attacked, beside] = [area(0), area(1)];
  const holders = each(8, (nth) => attacked.person(80 + nth));
  return {
    where: { range: attacked.range, country: 'US' },
    attack: evenly({ count: 75, perSecond: 5 }, (nth) => ({ phone: attacked.phone(nth), ip: rentedIp(nth) })),
    neighbors: inOrder([
      ...holders.map((person, nth) => honest(nth * 120 - day, person)),
      ...each(7, (nth) => honest(1 + nth * 2, holders[nth % holders.length] ?? attacked.person(80))),
      ...each(4, (nth) => honest(2 + nth * 3, beside.person(nth))),
      // New to the service, and so of those whom a restriction holds.
      ...each(2, (nth) => honest(10 + nth * 3, attacked.person(90 + nth))),
      // After the attack, everybody.
      ...each(3, (nth) => honest(1800 + nth * 60, attacked.person(95 + nth))),
      ...holders.slice(0, 3).map((person, nth) => honest(2000 + nth * 60, person)),
    ]),
  };
};

/** Of seven people, one does not enter the code. */
const leavesEvery = 7;

export const launch = ({ area }: Places): Script => ({
  where: { country: 'US' },
  attack: nobody(),
  neighbors: each(60, (nth) => {
    const visit = honest(nth * 30, area(nth % 5).person(Math.floor(nth / 5)));
    return nth % leavesEvery === leavesEvery - 1 ? { ...visit, use: { kind: 'nothing' } as const } : visit;
  }),
});
