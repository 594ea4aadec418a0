//! A program's refusal, by name, with what to do about it.

use claims::error::ClaimsError;
use solana_instruction::error::InstructionError;
use solana_transaction_error::TransactionError;

use crate::error::CliError;

/// What a failed transaction is called and what to do about it.
pub fn explain(error: &TransactionError, logs: &[String]) -> CliError {
    match error {
        TransactionError::InstructionError(_, cause) => explain_instruction(cause, logs),
        TransactionError::AccountNotFound | TransactionError::InsufficientFundsForFee | TransactionError::InsufficientFundsForRent { .. } => {
            CliError::new("insufficient_funds", format!("The payer has too little SOL: {error}. On a local cluster, `galen wallet airdrop` gives some."))
        }
        TransactionError::BlockhashNotFound => {
            CliError::new("blockhash_unknown", "The node does not know the blockhash that it gave out; it may lag behind. Run the command again.")
        }
        _ => CliError::new("transaction_failed", format!("The transaction failed: {error}.")),
    }
}

/// A refusal of the claims program that this side foresees, as it is where the program itself gives it: said before
/// anything is sent.
pub fn foreseen(error: &ClaimsError) -> CliError {
    refused(Some("claims"), &error.name(), &error.to_string())
}

/// The same of a refusal that a method of the claims program's accounts has come to here.
pub fn foreseen_by_claims(error: &anchor_lang::error::Error) -> CliError {
    foreseen_by("claims", error)
}

/// A refusal of the trials program that this side foresees, in the same way.
pub fn foreseen_by_trials(error: &anchor_lang::error::Error) -> CliError {
    foreseen_by("trials", error)
}

fn foreseen_by(program: &str, error: &anchor_lang::error::Error) -> CliError {
    match error {
        anchor_lang::error::Error::AnchorError(error) => {
            refused(Some(program), &error.error_name, &error.error_msg)
        }
        other => CliError::new("program_error", format!("The program refuses: {other}.")),
    }
}

fn refused(program: Option<&str>, name: &str, message: &str) -> CliError {
    let hint = hint(name).map_or_else(String::new, |hint| format!(" {hint}"));
    let program = program.map_or_else(String::new, |program| {
        format!("The program {program} refuses ({name}): ")
    });
    CliError::new(
        &snake_case(name),
        format!("{program}{}.{hint}", message.trim_end_matches('.')),
    )
}

fn explain_instruction(cause: &InstructionError, logs: &[String]) -> CliError {
    if let Some(named) = named_error(logs) {
        return refused(program_name(logs).as_deref(), &named.name, &named.message);
    }
    let last = logs
        .iter()
        .rev()
        .find(|line| line.starts_with("Program log:") && !line.contains("Instruction:"));
    let last = last.map_or_else(String::new, |line| {
        format!(
            " The program says: {}.",
            line.trim_start_matches("Program log:")
                .trim()
                .trim_end_matches('.')
        )
    });
    match cause {
        InstructionError::Custom(0) if logs.iter().any(|line| line.contains("already in use")) => {
            CliError::new("account_exists", "The account that this would create is there already: somebody else was quicker. Run the command again; it reads how things stand.")
        }
        InstructionError::Custom(1) if logs.iter().any(|line| line.contains("insufficient lamports")) => {
            CliError::new("insufficient_funds", "The payer has too little SOL for the rent of a new account. On a local cluster, `galen wallet airdrop` gives some.")
        }
        InstructionError::Custom(1) if mentions_token_program(logs) => CliError::new("insufficient_tokens", "The token account holds too little."),
        InstructionError::ComputationalBudgetExceeded => CliError::new("compute_exceeded", "The transaction used more compute units than it was given; run the command again."),
        InstructionError::UnsupportedProgramId | InstructionError::IncorrectProgramId => {
            CliError::new("program_missing", format!("A program that this needs is not on the cluster: {cause}. Deploy Galen with `galen deploy`; `galen doctor` looks."))
        }
        _ => CliError::new("program_error", format!("The program refuses: {cause}.{last}")),
    }
}

struct Named {
    name: String,
    message: String,
}

/// Anchor writes `AnchorError ... Error Code: Name. Error Number: 6000. Error Message: What is wrong.`
fn named_error(logs: &[String]) -> Option<Named> {
    logs.iter().rev().find_map(|line| {
        let (_, rest) = line.split_once("Error Code: ")?;
        let (name, rest) = rest.split_once(". Error Number: ")?;
        let (_, message) = rest.split_once(". Error Message: ")?;
        Some(Named {
            name: name.to_owned(),
            message: message.to_owned(),
        })
    })
}

/// The program that failed first: the ones after it only pass the error on.
fn program_name(logs: &[String]) -> Option<String> {
    let id = logs.iter().find_map(|line| {
        line.strip_prefix("Program ")?
            .split_once(" failed: ")
            .map(|(id, _)| id.to_owned())
    })?;
    let known = [
        (registry::ID.to_string(), "registry"),
        (claims::ID.to_string(), "claims"),
        (trials::ID.to_string(), "trials"),
        (provenance::ID.to_string(), "provenance"),
    ];
    Some(
        known
            .into_iter()
            .find(|(known, _)| *known == id)
            .map_or(id, |(_, name)| name.to_owned()),
    )
}

fn mentions_token_program(logs: &[String]) -> bool {
    [spl_token(), spl_token_2022()].iter().any(|id| {
        logs.iter()
            .any(|line| line.starts_with(&format!("Program {id} failed")))
    })
}

fn spl_token() -> String {
    anchor_spl::token::ID.to_string()
}

fn spl_token_2022() -> String {
    anchor_spl::token_2022::ID.to_string()
}

/// What the program's own sentence cannot say, because it does not know this command line.
fn hint(name: &str) -> Option<&'static str> {
    Some(match name {
        "OrganizationNotActive" => "`galen org activate` does it, signed by governance.",
        "OperatorExpired" | "PermissionMissing" | "OperatorRevoked" => "`galen operator list` shows who may do what.",
        "AgreementNotActive" => "`galen agreement show` says which; the provider accepts with `galen agreement accept`.",
        "ServiceOutsideAgreement" => "`galen agreement show` tells on which days it was.",
        "AdminSequenceStale" => "Run the command again: it reads the number anew.",
        "ScheduleChunkAlreadyUploaded" | "ScheduleChunkOutOfOrder" => "Run `galen plan publish` again: it continues where the ledger stands.",
        "AccountNotInitialized" => "An account that this needs is not on the ledger; `galen doctor` and the `show` commands tell which.",
        "ClaimSignatureMissing" => "`galen claim undo` takes the claim back with it.",
        "ClaimAwaitsDispense" => "`galen claim dispense` has it paid; `galen claim release` makes it a draft again.",
        "DispenseNotAwaited" => "`galen claim submit --pack` binds a claim to a pack.",
        "ReservationLapsed" => "`galen pack reserve` keeps it again.",
        "TicketRevoked" => "The insurer writes one with `galen member ticket`.",
        "EscrowShort" => "Anybody can add to it with `galen trial fund`.",
        "CapsMissing" => "The ethics board sets them with `galen trial caps`.",
        "NoProtocolInForce" => "The ethics board approves a version with `galen trial approve`.",
        "SiteNotAccepted" => "The site accepts with `galen trial accept-site`.",
        "PlanMissing" => "The sponsor commits to one with `galen trial data plan`.",
        "CohortFull" => "The site opens another with `galen trial open-cohort`.",
        "DraftDiffers" => "Somebody else has filled it, or its document's salt is lost: who opened it takes it away with `galen claim close`; submit then anew.",
        "PackRequired" => "`galen claim submit --pack` binds the claim to its pack, `galen claim dispense` has both dispensed and paid.",
        "HistoryFull" => "`galen member grow-history` gives it room; then decide again.",
        "PriceNotHeld" => "The insurer holds it with `galen predetermination hold`.",
        "DrawNotRevealed" => "The insurer reveals a day that is over with `galen pool reveal-draws`.",
        "TreatyNotInForce" => "The reinsurer accepts it with `galen treaty accept`.",
        _ => return None,
    })
}

/// `ScheduleChunkOutOfOrder` as `schedule_chunk_out_of_order`.
fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 8);
    for (index, letter) in name.char_indices() {
        if letter.is_ascii_uppercase() && index > 0 {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logs(lines: &[&str]) -> Vec<String> {
        lines.iter().map(|line| (*line).to_owned()).collect()
    }

    #[test]
    fn a_programs_refusal_has_its_name_and_message() {
        let id = claims::ID.to_string();
        let logs = logs(&[
            &format!("Program {id} invoke [1]"),
            "Program log: AnchorError thrown in programs/claims/src/state/plan.rs:1. Error Code: ScheduleSealed. Error Number: 6403. Error Message: The benefit schedule is sealed; upload a new one.",
            &format!("Program {id} failed: custom program error: 0x1903"),
        ]);
        let error = explain(
            &TransactionError::InstructionError(0, InstructionError::Custom(6403)),
            &logs,
        );
        assert_eq!(error.code, "schedule_sealed");
        assert_eq!(error.message, "The program claims refuses (ScheduleSealed): The benefit schedule is sealed; upload a new one.");
    }

    #[test]
    fn what_is_foreseen_is_said_as_the_program_says_it() {
        let error = foreseen(&ClaimsError::TicketOutOfPeriod);
        assert_eq!(error.code, "ticket_out_of_period");
        assert_eq!(error.message, "The program claims refuses (TicketOutOfPeriod): The eligibility ticket does not cover all service dates of the claim.");
    }

    #[test]
    fn an_account_that_is_there_already_is_a_refusal_of_its_own() {
        let logs = logs(&[
            "Program 11111111111111111111111111111111 invoke [2]",
            "Create Account: account Address { address: 4vJ9, base: None } already in use",
            "Program 11111111111111111111111111111111 failed: custom program error: 0x0",
        ]);
        let refused = TransactionError::InstructionError(1, InstructionError::Custom(0));
        assert_eq!(explain(&refused, &logs).code, "account_exists");
    }

    #[test]
    fn the_program_that_failed_first_is_named() {
        let logs = logs(&[
            "Program Inner111 failed: custom program error: 0x1",
            "Program Outer111 failed: custom program error: 0x1",
        ]);
        assert_eq!(program_name(&logs).as_deref(), Some("Inner111"));
    }

    #[test]
    fn hints_are_for_errors_that_the_programs_have() {
        use claims::error::ClaimsError as Claims;
        use trials::error::TrialsError as Trials;
        for error in [
            Trials::EscrowShort,
            Trials::CapsMissing,
            Trials::NoProtocolInForce,
            Trials::SiteNotAccepted,
            Trials::CohortFull,
            Trials::PlanMissing,
        ] {
            assert!(hint(&error.name()).is_some(), "{}", error.name());
        }
        for error in [
            Claims::OrganizationNotActive,
            Claims::OperatorExpired,
            Claims::PermissionMissing,
            Claims::OperatorRevoked,
            Claims::AgreementNotActive,
            Claims::ServiceOutsideAgreement,
            Claims::AdminSequenceStale,
            Claims::ScheduleChunkAlreadyUploaded,
            Claims::ScheduleChunkOutOfOrder,
            Claims::TicketRevoked,
            Claims::HistoryFull,
            Claims::PriceNotHeld,
            Claims::DrawNotRevealed,
            Claims::TreatyNotInForce,
        ] {
            assert!(hint(&error.name()).is_some(), "{}", error.name());
        }
    }
}
