// What a staff key may do: the registry's IDL knows the bits only as a number.

/** Every permission that the registry knows; bits as in the program's `Permission`. */
export const Permission = {
    ManagePool: 1 << 0,
    Fund: 1 << 1,
    PublishPlan: 1 << 2,
    EnrolMember: 1 << 3,
    ManageAgreement: 1 << 4,
    SubmitClaim: 1 << 5,
    DecideClaim: 1 << 6,
    IssueCredential: 1 << 7,
    ManageTrial: 1 << 8,
    OverseeTrial: 1 << 9,
    EnrolParticipant: 1 << 10,
    AttestVisit: 1 << 11,
    CountersignVisit: 1 << 12,
    ManageBatch: 1 << 16,
    HandOver: 1 << 17,
    DispensePack: 1 << 18,
    RecallBatch: 1 << 19,
} as const;
