// Written by `npm run generate` from the IDL; changes made here are lost.
import type { Decoder } from '@solana/kit';

import {
    type BatchClosed,
    getBatchClosedDecoder,
    type BatchCovered,
    getBatchCoveredDecoder,
    type BatchRegistered,
    getBatchRegisteredDecoder,
    type BondDeposited,
    getBondDepositedDecoder,
    type BondOpened,
    getBondOpenedDecoder,
    type BondWithdrawalAnnounced,
    getBondWithdrawalAnnouncedDecoder,
    type BondWithdrawalCancelled,
    getBondWithdrawalCancelledDecoder,
    type BondWithdrawn,
    getBondWithdrawnDecoder,
    type DeviceRegistered,
    getDeviceRegisteredDecoder,
    type DispenseClosed,
    getDispenseClosedDecoder,
    type DispenseUndone,
    getDispenseUndoneDecoder,
    type ExcursionAssessed,
    getExcursionAssessedDecoder,
    type ExcursionFound,
    getExcursionFoundDecoder,
    type HandedOut,
    getHandedOutDecoder,
    type MonitoringEnded,
    getMonitoringEndedDecoder,
    type NodeClosed,
    getNodeClosedDecoder,
    type OrphanClosed,
    getOrphanClosedDecoder,
    type PackDispensed,
    getPackDispensedDecoder,
    type PackFilled,
    getPackFilledDecoder,
    type PackRecouped,
    getPackRecoupedDecoder,
    type PackReserved,
    getPackReservedDecoder,
    type PageClosed,
    getPageClosedDecoder,
    type PageOpened,
    getPageOpenedDecoder,
    type ProductRegistered,
    getProductRegisteredDecoder,
    type ProductTransferred,
    getProductTransferredDecoder,
    type RecallAcknowledged,
    getRecallAcknowledgedDecoder,
    type RecallIssued,
    getRecallIssuedDecoder,
    type RecallLifted,
    getRecallLiftedDecoder,
    type ScanPolicySet,
    getScanPolicySetDecoder,
    type ScanReported,
    getScanReportedDecoder,
    type ShipmentAccepted,
    getShipmentAcceptedDecoder,
    type ShipmentEnded,
    getShipmentEndedDecoder,
    type ShipmentOffered,
    getShipmentOfferedDecoder,
    type StatusSet,
    getStatusSetDecoder,
    type SubtreeDispensed,
    getSubtreeDispensedDecoder,
} from './types';

/** An event of the program `provenance`, as decoded from its self-call. */
export type ProvenanceEvent =
    | { readonly name: 'BatchClosed'; readonly data: BatchClosed }
    | { readonly name: 'BatchCovered'; readonly data: BatchCovered }
    | { readonly name: 'BatchRegistered'; readonly data: BatchRegistered }
    | { readonly name: 'BondDeposited'; readonly data: BondDeposited }
    | { readonly name: 'BondOpened'; readonly data: BondOpened }
    | { readonly name: 'BondWithdrawalAnnounced'; readonly data: BondWithdrawalAnnounced }
    | { readonly name: 'BondWithdrawalCancelled'; readonly data: BondWithdrawalCancelled }
    | { readonly name: 'BondWithdrawn'; readonly data: BondWithdrawn }
    | { readonly name: 'DeviceRegistered'; readonly data: DeviceRegistered }
    | { readonly name: 'DispenseClosed'; readonly data: DispenseClosed }
    | { readonly name: 'DispenseUndone'; readonly data: DispenseUndone }
    | { readonly name: 'ExcursionAssessed'; readonly data: ExcursionAssessed }
    | { readonly name: 'ExcursionFound'; readonly data: ExcursionFound }
    | { readonly name: 'HandedOut'; readonly data: HandedOut }
    | { readonly name: 'MonitoringEnded'; readonly data: MonitoringEnded }
    | { readonly name: 'NodeClosed'; readonly data: NodeClosed }
    | { readonly name: 'OrphanClosed'; readonly data: OrphanClosed }
    | { readonly name: 'PackDispensed'; readonly data: PackDispensed }
    | { readonly name: 'PackFilled'; readonly data: PackFilled }
    | { readonly name: 'PackRecouped'; readonly data: PackRecouped }
    | { readonly name: 'PackReserved'; readonly data: PackReserved }
    | { readonly name: 'PageClosed'; readonly data: PageClosed }
    | { readonly name: 'PageOpened'; readonly data: PageOpened }
    | { readonly name: 'ProductRegistered'; readonly data: ProductRegistered }
    | { readonly name: 'ProductTransferred'; readonly data: ProductTransferred }
    | { readonly name: 'RecallAcknowledged'; readonly data: RecallAcknowledged }
    | { readonly name: 'RecallIssued'; readonly data: RecallIssued }
    | { readonly name: 'RecallLifted'; readonly data: RecallLifted }
    | { readonly name: 'ScanPolicySet'; readonly data: ScanPolicySet }
    | { readonly name: 'ScanReported'; readonly data: ScanReported }
    | { readonly name: 'ShipmentAccepted'; readonly data: ShipmentAccepted }
    | { readonly name: 'ShipmentEnded'; readonly data: ShipmentEnded }
    | { readonly name: 'ShipmentOffered'; readonly data: ShipmentOffered }
    | { readonly name: 'StatusSet'; readonly data: StatusSet }
    | { readonly name: 'SubtreeDispensed'; readonly data: SubtreeDispensed };

/** Decoders of the events by discriminator, in lower-case hexadecimal. */
export const provenanceEvents: ReadonlyMap<
    string,
    { readonly name: ProvenanceEvent['name']; readonly decoder: Decoder<ProvenanceEvent['data']> }
> = new Map<
    string,
    { readonly name: ProvenanceEvent['name']; readonly decoder: Decoder<ProvenanceEvent['data']> }
>([
    ['c04cc9d30ad48be8', { name: 'BatchClosed', decoder: getBatchClosedDecoder() }],
    ['c8fa099c65cfc73f', { name: 'BatchCovered', decoder: getBatchCoveredDecoder() }],
    ['7defd84c0820c7cc', { name: 'BatchRegistered', decoder: getBatchRegisteredDecoder() }],
    ['d2952fe84880f899', { name: 'BondDeposited', decoder: getBondDepositedDecoder() }],
    ['9040e9ee51f899fb', { name: 'BondOpened', decoder: getBondOpenedDecoder() }],
    ['033c98fd071d6606', { name: 'BondWithdrawalAnnounced', decoder: getBondWithdrawalAnnouncedDecoder() }],
    ['46432ca354f4d419', { name: 'BondWithdrawalCancelled', decoder: getBondWithdrawalCancelledDecoder() }],
    ['6fc09ae73a738267', { name: 'BondWithdrawn', decoder: getBondWithdrawnDecoder() }],
    ['dd5a0299486247b5', { name: 'DeviceRegistered', decoder: getDeviceRegisteredDecoder() }],
    ['d140fb0c169ab7eb', { name: 'DispenseClosed', decoder: getDispenseClosedDecoder() }],
    ['402d24e8a5ef2180', { name: 'DispenseUndone', decoder: getDispenseUndoneDecoder() }],
    ['26e4efe26a47f335', { name: 'ExcursionAssessed', decoder: getExcursionAssessedDecoder() }],
    ['1d33f06091fe6970', { name: 'ExcursionFound', decoder: getExcursionFoundDecoder() }],
    ['b75ec99fa0dc2027', { name: 'HandedOut', decoder: getHandedOutDecoder() }],
    ['647ba28c532a0d02', { name: 'MonitoringEnded', decoder: getMonitoringEndedDecoder() }],
    ['bf558ebc0fbd4c6d', { name: 'NodeClosed', decoder: getNodeClosedDecoder() }],
    ['e49a295765a70d36', { name: 'OrphanClosed', decoder: getOrphanClosedDecoder() }],
    ['4d2982b9a065720b', { name: 'PackDispensed', decoder: getPackDispensedDecoder() }],
    ['1074353ab9e63b58', { name: 'PackFilled', decoder: getPackFilledDecoder() }],
    ['c9d4c90706aa7ff4', { name: 'PackRecouped', decoder: getPackRecoupedDecoder() }],
    ['d2276f15bb26809d', { name: 'PackReserved', decoder: getPackReservedDecoder() }],
    ['fb6b6429f86eca56', { name: 'PageClosed', decoder: getPageClosedDecoder() }],
    ['16de45a2db7843b7', { name: 'PageOpened', decoder: getPageOpenedDecoder() }],
    ['746144d5c9d3aadd', { name: 'ProductRegistered', decoder: getProductRegisteredDecoder() }],
    ['0224f036c2e07f7b', { name: 'ProductTransferred', decoder: getProductTransferredDecoder() }],
    ['904df9e684f12ca1', { name: 'RecallAcknowledged', decoder: getRecallAcknowledgedDecoder() }],
    ['d6909d76ba6465c8', { name: 'RecallIssued', decoder: getRecallIssuedDecoder() }],
    ['31d5ec17c2ef87a8', { name: 'RecallLifted', decoder: getRecallLiftedDecoder() }],
    ['b215600f32aac08e', { name: 'ScanPolicySet', decoder: getScanPolicySetDecoder() }],
    ['0b255b07a251e966', { name: 'ScanReported', decoder: getScanReportedDecoder() }],
    ['c0398a797fd4fa92', { name: 'ShipmentAccepted', decoder: getShipmentAcceptedDecoder() }],
    ['86fe555d6d1436af', { name: 'ShipmentEnded', decoder: getShipmentEndedDecoder() }],
    ['081f780a1b77f0c8', { name: 'ShipmentOffered', decoder: getShipmentOfferedDecoder() }],
    ['7245422b2d9a02a8', { name: 'StatusSet', decoder: getStatusSetDecoder() }],
    ['26ec2a44b5fbc518', { name: 'SubtreeDispensed', decoder: getSubtreeDispensedDecoder() }],
]);
