/** Applications and ids of verifications: ordinary ones, other cuts of one text, and texts of which bytes and letters differ in number. */
export const keyCases: readonly (readonly [application: string, id: string])[] = [
  ['default', 'a9Kx3mQvT7pLrW2nYc8dZe5fGh1j'],
  ['shop', 'a9Kx3mQvT7pLrW2nYc8dZe5fGh1j'],
  ['sho', 'pa9Kx3mQvT7pLrW2nYc8dZe5fGh1j'],
  ['shop', 'ä€😀'],
  ['shop', 'x'.repeat(300)],
  ['shop', ''],
];
