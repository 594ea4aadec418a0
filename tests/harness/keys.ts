// Keys of the test run. Those that a validator must know beforehand come from files where the environment names them,
// else from public seeds, so that every run on a development validator finds the same ones.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import {
    type KeyPairSigner,
    createKeyPairSignerFromBytes,
    createKeyPairSignerFromPrivateKeyBytes,
    generateKeyPairSigner,
    getAddressEncoder,
} from '@solana/kit';

/** The roles whose keys outlive one test, with the variable that names a key file for each. */
const ROLES = {
    /** Deploys the programs and is their upgrade authority. */
    deployer: 'GALEN_DEPLOYER_KEYPAIR',
    /** Governs the registry. */
    governance: 'GALEN_GOVERNANCE_KEYPAIR',
    /** May pause. */
    guardian: 'GALEN_GUARDIAN_KEYPAIR',
} as const;

export type Role = keyof typeof ROLES;

/** The signer for `role`: from the key file that the environment names, else from the public seed of that role. */
export async function roleSigner(role: Role): Promise<KeyPairSigner> {
    const file = process.env[ROLES[role]];
    if (file === undefined) return createKeyPairSignerFromPrivateKeyBytes(developmentSeed(role));
    return createKeyPairSignerFromBytes(new Uint8Array(JSON.parse(await readFile(file, 'utf8')) as number[]));
}

/** The key of `role` in the form of a key file: 64 numbers, the seed and the address. */
export async function keyFileOf(role: Role): Promise<string> {
    const file = process.env[ROLES[role]];
    if (file !== undefined) return readFile(file, 'utf8');
    const { address } = await roleSigner(role);
    return JSON.stringify([...developmentSeed(role), ...getAddressEncoder().encode(address)]);
}

/** A key of nobody's. */
export const freshSigner = generateKeyPairSigner;

/** `length` random bytes: salts, commitments, claim ids. */
export function randomBytes(length: number): Uint8Array {
    return crypto.getRandomValues(new Uint8Array(length));
}

function developmentSeed(role: Role): Uint8Array {
    return new Uint8Array(createHash('sha256').update(`galen development key: ${role}`).digest());
}
