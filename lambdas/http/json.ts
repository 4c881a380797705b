type Place = { readonly keys: Set<string> | undefined; readonly pointer: string; at: number | string };

/**
 * The JSON pointer of the first name that an object has twice, in a text that is valid JSON. `JSON.parse` takes the last of
 * them and others the first (RFC 8259, section 4), so that two readers of one body would see two requests.
 */
export const repeatedName = (text: string): string | undefined => {
  const places: Place[] = [];
  let expectsName = false;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],]/gs)) {
    const place = places.at(-1);
    if (token === '{' || token === '[') {
      const pointer = place === undefined ? '' : pointerTo(place, place.at);
      places.push({ pointer, keys: token === '{' ? new Set() : undefined, at: 0 });
    }
    if (token === '}' || token === ']') places.pop();
    if (token === ',' && typeof place?.at === 'number') place.at += 1;
    if (expectsName && token.startsWith('"') && place?.keys !== undefined) {
      const name: string = JSON.parse(token);
      if (place.keys.has(name)) return pointerTo(place, name);
      place.keys.add(name);
      place.at = name;
    }
    expectsName = token === '{' || (token === ',' && place?.keys !== undefined);
  }
  return undefined;
};

const pointerTo = ({ pointer }: Place, step: string | number): string => `${pointer}/${escaped(step)}`;

/** A reference token of a JSON pointer (RFC 6901, section 3). */
export const escaped = (step: unknown): string => String(step).replaceAll('~', '~0').replaceAll('/', '~1');
