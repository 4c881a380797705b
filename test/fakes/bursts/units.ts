/**
 * Capacity units as DynamoDB bills them, by their purpose: a write per KB, two in a transaction; a read that may lag is a
 * half. `bench/bursts/tests/exactness.test.ts` holds them against those of the emulator.
 */
export type Units = {
  /** Written: that an event was counted; what it adds; the approvals of a country and day. */
  marks: number;
  counts: number;
  days: number;
  /** Written: histories; blocks and findings. */
  rollUps: number;
  rulings: number;
  /** Written: notifications that were sent, and go. */
  notifications: number;
  /** Read: whatever is judged. */
  reads: number;
};

export const noUnits = (): Units => ({
  marks: 0,
  counts: 0,
  days: 0,
  rollUps: 0,
  rulings: 0,
  notifications: 0,
  reads: 0,
});

export const inTransaction = 2;
