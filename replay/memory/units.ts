/**
 * Capacity units as DynamoDB bills them, by their purpose: a write per KB, two in a transaction; a read that may lag is a
 * half. `bench/bursts/tests/exactness.test.ts` holds them against those of the emulator.
 */
export type Units = {
  /** Written: entries of the audit trail, which say what was counted; what events add; the approvals of a country and day. */
  entries: number;
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
  entries: 0,
  counts: 0,
  days: 0,
  rollUps: 0,
  rulings: 0,
  notifications: 0,
  reads: 0,
});

export const inTransaction = 2;
