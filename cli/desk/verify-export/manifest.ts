import { type KeyObject, verify } from 'node:crypto';
import { exportFormat } from '../../../lambdas/contract.ts';

export type ManifestPart = {
  readonly name: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly lines: number;
};

export type Manifest = {
  readonly id: string;
  readonly stack: string;
  readonly from: string;
  readonly to: string;
  readonly reason: string;
  readonly principal: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly unreadable: { readonly count: number; readonly named: readonly string[] };
  readonly parts: readonly ManifestPart[];
  /** Files of runs that ended in the middle. */
  readonly abandoned: readonly string[];
  /** Those that the detector judged by; none in an export from before replays. */
  readonly settings?: unknown;
};

/** Whether the key signed these bytes. */
export const isSigned = (manifest: Uint8Array, signatureFile: Uint8Array, key: KeyObject): boolean => {
  const { signature, algorithm } = objectOf(signatureFile);
  if (typeof signature !== 'string' || algorithm !== exportFormat.algorithm) return false;
  try {
    return verify('sha256', manifest, key, Buffer.from(signature, 'base64'));
  } catch {
    return false;
  }
};

/** Reads a manifest whose signature is good. `undefined` if it is of another format. */
export const readManifest = (content: Uint8Array): Manifest | undefined => {
  const manifest = objectOf(content);
  return manifest['format'] === exportFormat.name ? (manifest as unknown as Manifest) : undefined;
};

const objectOf = (content: Uint8Array): Readonly<Record<string, unknown>> => {
  try {
    const value: unknown = JSON.parse(Buffer.from(content).toString('utf8'));
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
};
