import { ipSlotOf, ipSlots, networkSlotOf, networkSlots } from '../../lambdas/bursts/counts/slots.ts';

/** Behind the name of an export. No name has it in it. */
const mark = '~';

/**
 * A name whose slot is that of the keyed hash that it stands for. The detector counts IPs and networks by slots of their
 * keyed hashes, which an export does not have: it has their slots.
 */
const nameIn = (name: string, slot: number | undefined, slotOf: (name: string) => number, slots: number): string => {
  if (slot === undefined || slot >= slots) return name;
  for (let tries = 0; tries < maxTries; tries += 1) {
    const tried = `${name}${mark}${String.fromCharCode(firstCode + tries)}`;
    if (slotOf(tried) === slot) return tried;
  }
  return name;
};

/** The last letter of a name moves its slot by one: letters in a row reach them all. */
const [firstCode, maxTries] = [0x100, 1024];

const remembered = (slotOf: (name: string) => number, slots: number) => {
  const known = new Map<string, string>();
  return (name: string, slot: number | undefined): string => {
    const of = known.get(name) ?? nameIn(name, slot, slotOf, slots);
    known.set(name, of);
    return of;
  };
};

/** Names of IPs and of networks, within one recording. */
export const namesInSlots = () => ({
  ip: remembered(ipSlotOf, ipSlots),
  network: remembered(networkSlotOf, networkSlots),
});

/** The name as the export has it. */
export const nameOfExport = (name: string): string => name.split(mark, 1)[0] ?? name;
