export { memoryReplay, type ReplayStore } from './replay.ts';
export { type Claims, type Expected, ProofError, type ProofErrorCode, verifyProof } from './verify.ts';
