// Written by `npm run generate` from the IDL; changes made here are lost.
import type { Decoder } from '@solana/kit';

import {
    type AuthorityAccepted,
    getAuthorityAcceptedDecoder,
    type AuthorityProposed,
    getAuthorityProposedDecoder,
    type ConfigInitialized,
    getConfigInitializedDecoder,
    type CredentialIssued,
    getCredentialIssuedDecoder,
    type CredentialRevoked,
    getCredentialRevokedDecoder,
    type GovernanceAccepted,
    getGovernanceAcceptedDecoder,
    type GovernanceProposed,
    getGovernanceProposedDecoder,
    type GuardianSet,
    getGuardianSetDecoder,
    type OperatorAdded,
    getOperatorAddedDecoder,
    type OperatorRevoked,
    getOperatorRevokedDecoder,
    type OperatorUpdated,
    getOperatorUpdatedDecoder,
    type OrganizationRegistered,
    getOrganizationRegisteredDecoder,
    type OrganizationStatusSet,
    getOrganizationStatusSetDecoder,
    type Paused,
    getPausedDecoder,
    type PauseEnded,
    getPauseEndedDecoder,
} from './types';

/** An event of the program `registry`, as decoded from its self-call. */
export type RegistryEvent =
    | { readonly name: 'AuthorityAccepted'; readonly data: AuthorityAccepted }
    | { readonly name: 'AuthorityProposed'; readonly data: AuthorityProposed }
    | { readonly name: 'ConfigInitialized'; readonly data: ConfigInitialized }
    | { readonly name: 'CredentialIssued'; readonly data: CredentialIssued }
    | { readonly name: 'CredentialRevoked'; readonly data: CredentialRevoked }
    | { readonly name: 'GovernanceAccepted'; readonly data: GovernanceAccepted }
    | { readonly name: 'GovernanceProposed'; readonly data: GovernanceProposed }
    | { readonly name: 'GuardianSet'; readonly data: GuardianSet }
    | { readonly name: 'OperatorAdded'; readonly data: OperatorAdded }
    | { readonly name: 'OperatorRevoked'; readonly data: OperatorRevoked }
    | { readonly name: 'OperatorUpdated'; readonly data: OperatorUpdated }
    | { readonly name: 'OrganizationRegistered'; readonly data: OrganizationRegistered }
    | { readonly name: 'OrganizationStatusSet'; readonly data: OrganizationStatusSet }
    | { readonly name: 'Paused'; readonly data: Paused }
    | { readonly name: 'PauseEnded'; readonly data: PauseEnded };

/** Decoders of the events by discriminator, in lower-case hexadecimal. */
export const registryEvents: ReadonlyMap<
    string,
    { readonly name: RegistryEvent['name']; readonly decoder: Decoder<RegistryEvent['data']> }
> = new Map<
    string,
    { readonly name: RegistryEvent['name']; readonly decoder: Decoder<RegistryEvent['data']> }
>([
    ['a6c0dbbc29d1c31a', { name: 'AuthorityAccepted', decoder: getAuthorityAcceptedDecoder() }],
    ['f4755e7035972359', { name: 'AuthorityProposed', decoder: getAuthorityProposedDecoder() }],
    ['b531c89c13a7b25b', { name: 'ConfigInitialized', decoder: getConfigInitializedDecoder() }],
    ['c2d81c9f591d48b1', { name: 'CredentialIssued', decoder: getCredentialIssuedDecoder() }],
    ['7f83f1ea328b91cc', { name: 'CredentialRevoked', decoder: getCredentialRevokedDecoder() }],
    ['3abc3849f0b82059', { name: 'GovernanceAccepted', decoder: getGovernanceAcceptedDecoder() }],
    ['9fe4e0d6644528c6', { name: 'GovernanceProposed', decoder: getGovernanceProposedDecoder() }],
    ['9f319b9cb0581dbe', { name: 'GuardianSet', decoder: getGuardianSetDecoder() }],
    ['d8f765363346d7c0', { name: 'OperatorAdded', decoder: getOperatorAddedDecoder() }],
    ['ea294e17bfe06740', { name: 'OperatorRevoked', decoder: getOperatorRevokedDecoder() }],
    ['1c68e291fde511f5', { name: 'OperatorUpdated', decoder: getOperatorUpdatedDecoder() }],
    ['8748686639533cfd', { name: 'OrganizationRegistered', decoder: getOrganizationRegisteredDecoder() }],
    ['fc0292d85823a106', { name: 'OrganizationStatusSet', decoder: getOrganizationStatusSetDecoder() }],
    ['acf805fd31ffffe8', { name: 'Paused', decoder: getPausedDecoder() }],
    ['484a13697b23a3e3', { name: 'PauseEnded', decoder: getPauseEndedDecoder() }],
]);
