//! Attacks that are accepted, and why that is right.

use crate::world::Program;

/// A set of cells: `*` at the end of a pattern stands for anything.
struct Allowed {
    program: Option<Program>,
    instruction: &'static str,
    target: &'static str,
    attack: &'static str,
    reason: &'static str,
}

const EVENT_PROGRAM: &str = "Anchor's `program` account only makes the program available to its own event call, which names it; here another account does so too";
const SCHEDULE_LENGTH: &str = "only the program can shorten a schedule; entries that this instruction does not look up are not read";
const PAYOUT_WAITS: &str = "a payout account that cannot take money holds up no adjudication: the award waits, and settle_claim refuses by name";
const STORED_ADDRESS: &str = "bound by the address that the pool stores; the token program wrote the account and never gives it away";
const NO_MONEY: &str = "a denial moves no money; the account is bound by the address that the pool stores, and read where an approval is attacked";

const ALLOWED: &[Allowed] = &[
    Allowed {
        program: None,
        instruction: "*",
        target: "*",
        attack: "one byte appended",
        reason: "only the program itself can lengthen its accounts; bytes after what a type reads are room for a later version and are not read",
    },
    Allowed {
        program: None,
        instruction: "*",
        target: "payer",
        attack: "a stranger",
        reason: "whoever signs as payer may pay the rent",
    },
    Allowed {
        program: Some(Program::Registry),
        instruction: "initialize_config",
        target: "program",
        attack: "*",
        reason: EVENT_PROGRAM,
    },
    Allowed {
        program: Some(Program::Registry),
        instruction: "initialize_config",
        target: "program_data",
        attack: "cut by one byte",
        reason: "only the loader writes program data, and only its head is read",
    },
    Allowed {
        program: Some(Program::Registry),
        instruction: "register_organization",
        target: "authority",
        attack: "*",
        reason: "a registrant appoints any authority that signs",
    },
    Allowed {
        program: Some(Program::Registry),
        instruction: "set_organization_status",
        target: "organization",
        attack: "another instance*",
        reason: "governance decides on every organization",
    },
    Allowed {
        program: Some(Program::Registry),
        instruction: "update_operator",
        target: "operator",
        attack: "another instance*",
        reason: "an organization manages all of its own operators; those of others are refused",
    },
    Allowed {
        program: Some(Program::Registry),
        instruction: "revoke_operator",
        target: "operator",
        attack: "another instance*",
        reason: "an organization manages all of its own operators; those of others are refused",
    },
    Allowed {
        program: Some(Program::Registry),
        instruction: "revoke_credential",
        target: "credential",
        attack: "another instance*",
        reason: "an issuer may revoke any of its own credentials; those of others are refused",
    },
    Allowed {
        program: Some(Program::Claims),
        instruction: "submit_claim",
        target: "instructions_sysvar",
        attack: "*",
        reason: "without a ticket the instructions sysvar is not read; with one it is attacked in a fixture of its own",
    },
    Allowed {
        program: Some(Program::Claims),
        instruction: "submit_claim",
        target: "program",
        attack: "*",
        reason: EVENT_PROGRAM,
    },
    Allowed {
        program: Some(Program::Claims),
        instruction: "adjudicate_claim",
        target: "instructions_sysvar",
        attack: "*",
        reason: "without a ticket the instructions sysvar is not read; with one it is attacked in a fixture of its own",
    },
    Allowed {
        program: Some(Program::Claims),
        instruction: "adjudicate_claim",
        target: "program",
        attack: "*",
        reason: EVENT_PROGRAM,
    },
    Allowed {
        program: Some(Program::Claims),
        instruction: "submit_claim, with a ticket",
        target: "program",
        attack: "*",
        reason: EVENT_PROGRAM,
    },
    Allowed {
        program: Some(Program::Claims),
        instruction: "adjudicate_claim, with a ticket",
        target: "program",
        attack: "*",
        reason: EVENT_PROGRAM,
    },
    Allowed {
        program: Some(Program::Claims),
        instruction: "publish_plan_version",
        target: "schedule",
        attack: "content cut by one byte",
        reason: SCHEDULE_LENGTH,
    },
    Allowed {
        program: Some(Program::Claims),
        instruction: "append_benefits",
        target: "schedule",
        attack: "content cut by one byte",
        reason: SCHEDULE_LENGTH,
    },
    Allowed {
        program: Some(Program::Claims),
        instruction: "close_schedule",
        target: "schedule",
        attack: "content cut by one byte",
        reason: SCHEDULE_LENGTH,
    },
    Allowed {
        program: Some(Program::Claims),
        instruction: "decide_claim",
        target: "schedule",
        attack: "content cut by one byte",
        reason: SCHEDULE_LENGTH,
    },
    Allowed {
        program: Some(Program::Claims),
        instruction: "open_schedule",
        target: "schedule",
        attack: "uninitialised",
        reason: "a schedule is opened in an account that the client created, empty",
    },
    Allowed {
        program: Some(Program::Claims),
        instruction: "accept_agreement",
        target: "payout",
        attack: "another instance*",
        reason: "a provider is paid wherever it says, in the pool's mint; accounts of other mints and the vault are refused",
    },
    Allowed {
        program: Some(Program::Claims),
        instruction: "propose_payout",
        target: "payout",
        attack: "another instance*",
        reason: "a provider is paid wherever it says, in the pool's mint; accounts of other mints and the vault are refused",
    },
    Allowed {
        program: Some(Program::Claims),
        instruction: "submit_claim*",
        target: "payout",
        attack: "owned by*",
        reason: PAYOUT_WAITS,
    },
    Allowed {
        program: Some(Program::Claims),
        instruction: "submit_claim*",
        target: "payout",
        attack: "closed",
        reason: PAYOUT_WAITS,
    },
    Allowed {
        program: Some(Program::Claims),
        instruction: "submit_claim*",
        target: "payout",
        attack: "empty",
        reason: PAYOUT_WAITS,
    },
    Allowed {
        program: Some(Program::Claims),
        instruction: "submit_claim*",
        target: "payout",
        attack: "uninitialised",
        reason: PAYOUT_WAITS,
    },
    Allowed {
        program: Some(Program::Claims),
        instruction: "submit_claim*",
        target: "payout",
        attack: "cut by one byte",
        reason: PAYOUT_WAITS,
    },
    Allowed {
        program: Some(Program::Claims),
        instruction: "submit_claim*",
        target: "mint",
        attack: "owned by*",
        reason: STORED_ADDRESS,
    },
    Allowed {
        program: Some(Program::Claims),
        instruction: "adjudicate_claim*",
        target: "payout",
        attack: "owned by*",
        reason: PAYOUT_WAITS,
    },
    Allowed {
        program: Some(Program::Claims),
        instruction: "adjudicate_claim*",
        target: "payout",
        attack: "closed",
        reason: PAYOUT_WAITS,
    },
    Allowed {
        program: Some(Program::Claims),
        instruction: "adjudicate_claim*",
        target: "payout",
        attack: "empty",
        reason: PAYOUT_WAITS,
    },
    Allowed {
        program: Some(Program::Claims),
        instruction: "adjudicate_claim*",
        target: "payout",
        attack: "uninitialised",
        reason: PAYOUT_WAITS,
    },
    Allowed {
        program: Some(Program::Claims),
        instruction: "adjudicate_claim*",
        target: "payout",
        attack: "cut by one byte",
        reason: PAYOUT_WAITS,
    },
    Allowed {
        program: Some(Program::Claims),
        instruction: "adjudicate_claim*",
        target: "mint",
        attack: "owned by*",
        reason: STORED_ADDRESS,
    },
    Allowed {
        program: Some(Program::Claims),
        instruction: "decide_claim*",
        target: "payout",
        attack: "owned by*",
        reason: PAYOUT_WAITS,
    },
    Allowed {
        program: Some(Program::Claims),
        instruction: "decide_claim*",
        target: "payout",
        attack: "closed",
        reason: PAYOUT_WAITS,
    },
    Allowed {
        program: Some(Program::Claims),
        instruction: "decide_claim*",
        target: "payout",
        attack: "empty",
        reason: PAYOUT_WAITS,
    },
    Allowed {
        program: Some(Program::Claims),
        instruction: "decide_claim*",
        target: "payout",
        attack: "uninitialised",
        reason: PAYOUT_WAITS,
    },
    Allowed {
        program: Some(Program::Claims),
        instruction: "decide_claim*",
        target: "payout",
        attack: "cut by one byte",
        reason: PAYOUT_WAITS,
    },
    Allowed {
        program: Some(Program::Claims),
        instruction: "decide_claim*",
        target: "mint",
        attack: "owned by*",
        reason: STORED_ADDRESS,
    },
    Allowed {
        program: Some(Program::Claims),
        instruction: "settle_claim",
        target: "mint",
        attack: "owned by*",
        reason: STORED_ADDRESS,
    },
    Allowed {
        program: Some(Program::Claims),
        instruction: "reprocess_claim",
        target: "payout",
        attack: "owned by*",
        reason: PAYOUT_WAITS,
    },
    Allowed {
        program: Some(Program::Claims),
        instruction: "reprocess_claim",
        target: "payout",
        attack: "closed",
        reason: PAYOUT_WAITS,
    },
    Allowed {
        program: Some(Program::Claims),
        instruction: "reprocess_claim",
        target: "payout",
        attack: "empty",
        reason: PAYOUT_WAITS,
    },
    Allowed {
        program: Some(Program::Claims),
        instruction: "reprocess_claim",
        target: "payout",
        attack: "uninitialised",
        reason: PAYOUT_WAITS,
    },
    Allowed {
        program: Some(Program::Claims),
        instruction: "reprocess_claim",
        target: "payout",
        attack: "cut by one byte",
        reason: PAYOUT_WAITS,
    },
    Allowed {
        program: Some(Program::Claims),
        instruction: "reprocess_claim",
        target: "mint",
        attack: "owned by*",
        reason: STORED_ADDRESS,
    },
    Allowed {
        program: Some(Program::Claims),
        instruction: "reverse_claim",
        target: "vault",
        attack: "owned by*",
        reason: STORED_ADDRESS,
    },
    Allowed {
        program: Some(Program::Claims),
        instruction: "reverse_claim",
        target: "vault",
        attack: "cut by one byte",
        reason: STORED_ADDRESS,
    },
    Allowed {
        program: Some(Program::Claims),
        instruction: "reverse_claim",
        target: "claim",
        attack: "another instance*",
        reason: "an insurer may take back any of its claims; those of others are refused",
    },
    Allowed {
        program: Some(Program::Claims),
        instruction: "reserve_claim",
        target: "vault",
        attack: "owned by*",
        reason: STORED_ADDRESS,
    },
    Allowed {
        program: Some(Program::Claims),
        instruction: "reserve_claim",
        target: "vault",
        attack: "cut by one byte",
        reason: STORED_ADDRESS,
    },
    Allowed {
        program: Some(Program::Claims),
        instruction: "decide_claim",
        target: "vault",
        attack: "owned by*",
        reason: NO_MONEY,
    },
    Allowed {
        program: Some(Program::Claims),
        instruction: "decide_claim",
        target: "vault",
        attack: "closed",
        reason: NO_MONEY,
    },
    Allowed {
        program: Some(Program::Claims),
        instruction: "decide_claim",
        target: "vault",
        attack: "empty",
        reason: NO_MONEY,
    },
    Allowed {
        program: Some(Program::Claims),
        instruction: "decide_claim",
        target: "vault",
        attack: "uninitialised",
        reason: NO_MONEY,
    },
    Allowed {
        program: Some(Program::Claims),
        instruction: "decide_claim",
        target: "vault",
        attack: "cut by one byte",
        reason: NO_MONEY,
    },
    Allowed {
        program: Some(Program::Claims),
        instruction: "decide_claim",
        target: "mint",
        attack: "closed",
        reason: NO_MONEY,
    },
    Allowed {
        program: Some(Program::Claims),
        instruction: "decide_claim",
        target: "mint",
        attack: "empty",
        reason: NO_MONEY,
    },
    Allowed {
        program: Some(Program::Claims),
        instruction: "decide_claim",
        target: "mint",
        attack: "uninitialised",
        reason: NO_MONEY,
    },
    Allowed {
        program: Some(Program::Claims),
        instruction: "decide_claim",
        target: "mint",
        attack: "cut by one byte",
        reason: NO_MONEY,
    },
];

/// Why this attack may be accepted; none if it may not.
pub fn reason(
    program: Program,
    instruction: &str,
    target: &str,
    attack: &str,
) -> Option<&'static str> {
    ALLOWED
        .iter()
        .find(|entry| {
            entry.program.is_none_or(|of| of == program)
                && matches(entry.instruction, instruction)
                && matches(entry.target, target)
                && matches(entry.attack, attack)
        })
        .map(|entry| entry.reason)
}

fn matches(pattern: &str, text: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => text.starts_with(prefix),
        None => pattern == text,
    }
}
