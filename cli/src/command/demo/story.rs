//! The claim story: one visit with three procedures, quoted, submitted, paid; and what is refused, and why.

use galen_rules::Date;
use serde::Serialize;
use serde_json::{json, Value};
use solana_pubkey::Pubkey;

use super::documents::{self, Days};
use super::purse;
use super::stage::{Act, Role, Stage};
use crate::error::{CliError, Result};
use crate::output::money;

/// What the insurer puts into its pool, in cents.
const FUNDED: &str = "5000000";
/// What the clinic is paid without a look, in cents.
const LIMIT: &str = "1000000";

/// What the story found, beside its steps.
#[derive(Debug, Serialize)]
pub struct Found {
    /// The currency of the documents.
    pub currency: &'static str,
    /// The quote before care.
    pub quote: Value,
    /// The claim as the ledger has it.
    pub claim: Value,
    /// The claim that was filed again.
    pub duplicate: Value,
    /// The claim that was filed too late.
    pub late: Value,
    /// The claim for somebody who was not covered.
    pub not_covered: Value,
    /// The member's account after all of it.
    pub member: Value,
    /// The quote for a next visit.
    pub next_quote: Value,
    /// What the clinic's token account holds at the end, in cents.
    pub clinic_holds: u64,
    /// What the vault holds at the end, in cents.
    pub vault_holds: u64,
    /// The pool, for those who want to look further.
    pub pool: String,
}

/// The accounts that the preparations have made.
pub struct House {
    /// The pool.
    pub pool: String,
    /// The clinic's organization.
    pub clinic: String,
    /// What the pool pays in.
    pub mint: Pubkey,
    /// The days of the story.
    pub days: Days,
}

/// Plays the story.
pub fn play(stage: &mut Stage, house: &House) -> Result<Found> {
    stage.now = Act::Claim;
    let clinic_account = purse::token_account(&stage.key(Role::Clinic)?, &house.mint);
    let vault = super::pool(&stage.cluster, &key(&house.pool)?)?.vault;
    let visit = path(stage.write("visit.fhir.json", &documents::visit(&house.days))?);

    let quote = quote_visit(stage, house, &visit)?;
    let ticket = ticket(
        stage,
        house,
        documents::MEMBER,
        ("clinic", &house.clinic),
        "ticket.json",
    )?;
    let claim = submit(stage, house, "Submit the claim", &visit, &ticket, false)?;
    same_lines(&quote, &claim)?;
    let paid = amount(&claim["totals"]["paid"]);
    expect(
        "the clinic's account",
        purse::cents(&stage.cluster, &clinic_account)?,
        paid,
    )?;
    stage.result(format!(
        "{}; {} from the vault to the clinic",
        lines(&claim),
        money(paid)
    ));

    let duplicate = submit(
        stage,
        house,
        "Submit the same claim again",
        &visit,
        &ticket,
        true,
    )?;
    expect("the duplicate's first reason", reason(&duplicate, 0), 18)?;
    expect("the duplicate's second reason", reason(&duplicate, 1), 18)?;
    stage.result(format!("denied: {}", lines(&duplicate)));

    let late_document = path(stage.write("late.fhir.json", &documents::late(&house.days))?);
    let late = submit(
        stage,
        house,
        "Submit a claim too late",
        &late_document,
        &ticket,
        false,
    )?;
    expect("the late claim's reason", reason(&late, 0), 29)?;
    stage.result(format!("denied: {}", lines(&late)));

    let not_covered = former_member(stage, house)?;
    expect(
        "the clinic's account after all denials",
        purse::cents(&stage.cluster, &clinic_account)?,
        paid,
    )?;

    let member = stage.act(
        Role::Insurer,
        "What the member has met",
        &[
            "member",
            "show",
            "--pool",
            &house.pool,
            "--id",
            documents::MEMBER,
        ],
    )?;
    let year = period(&member, house.days.visit);
    stage.result(format!(
        "deductible {}, out of pocket {}, paid by the plan {}",
        money(amount(&year["deductible_used"]["individual"])),
        money(amount(&year["out_of_pocket_used"]["individual"])),
        money(amount(&year["annual_used"]))
    ));
    expect(
        "the member's deductible",
        amount(&year["deductible_used"]["individual"]),
        amount(&quote["member"]["deductible_used"]["individual"]),
    )?;
    expect(
        "the member's out-of-pocket",
        amount(&year["out_of_pocket_used"]["individual"]),
        amount(&quote["member"]["out_of_pocket_used"]["individual"]),
    )?;
    let next_quote = next_visit(stage, house, &member)?;

    Ok(Found {
        currency: "USD",
        quote,
        claim,
        duplicate,
        late,
        not_covered,
        member,
        next_quote,
        clinic_holds: purse::cents(&stage.cluster, &clinic_account)?,
        vault_holds: purse::cents(&stage.cluster, &vault)?,
        pool: house.pool.clone(),
    })
}

/// Organizations, staff, pool, plan, agreement and members.
pub fn prepare(stage: &mut Stage) -> Result<House> {
    let days = Days::around(stage.cluster.today()?);
    let governance = stage.key(Role::Governance)?;
    let (insurer, desk, clinic) = (
        stage.key(Role::Insurer)?,
        stage.key(Role::Desk)?,
        stage.key(Role::Clinic)?,
    );
    let pharmacy = stage.key(Role::Pharmacy)?;
    for key in [governance, insurer, clinic] {
        purse::fill(&stage.cluster, &key)?;
    }
    match super::config(&stage.cluster)? {
        None => {
            stage.act(
                Role::Governance,
                "Configure the registry",
                &["governance", "init"],
            )?;
        }
        Some(config) if config.governance != governance => {
            let message = format!("The registry's governance on this cluster is {}, and the signer is {governance}. Name governance's keypair with -k.", config.governance);
            return Err(CliError::new("not_governance", message));
        }
        Some(_) => {}
    }
    let before = stage.lamports(Role::Insurer)?;
    let (mint, receipt) = stage.issue(Role::Insurer, &[clinic, pharmacy])?;
    stage.note(
        Role::Insurer,
        "Issue a test currency to the insurer",
        receipt,
        before,
    )?;

    let insurer = admit(
        stage,
        Role::Insurer,
        "insurer",
        documents::INSURER,
        "manage-pool,fund,publish-plan,enrol-member,manage-agreement,decide-claim",
    )?;
    // The clinic that treats is also the site of the trial.
    let clinic = admit(
        stage,
        Role::Clinic,
        "provider",
        documents::CLINIC,
        "submit-claim,enrol-participant,attest-visit",
    )?;

    let created = stage.act(
        Role::Insurer,
        "Create the pool and its vault",
        &[
            "pool",
            "create",
            "--insurer",
            &insurer,
            "--mint",
            &mint.to_string(),
            "--ticket-key",
            &desk.to_string(),
        ],
    )?;
    let pool = address(&created)?;
    stage.act(
        Role::Insurer,
        "Fund the pool",
        &["pool", "fund", &pool, "--amount", FUNDED],
    )?;
    let created = stage.act(
        Role::Insurer,
        "Create the plan",
        &["plan", "create", "--pool", &pool],
    )?;
    let plan = address(&created)?;
    let document = path(stage.write("plan.json", documents::PLAN)?);
    let from = days.covered_from.to_string();
    stage.act(
        Role::Insurer,
        "Publish the plan with its fee schedule",
        &[
            "plan",
            "publish",
            &document,
            "--plan",
            &plan,
            "--effective-from",
            &from,
        ],
    )?;
    for (id, to) in [
        (documents::MEMBER, days.covered_to),
        (documents::FORMER_MEMBER, days.former_to),
    ] {
        let to = to.to_string();
        stage.act(
            Role::Insurer,
            &format!("Enrol {id}"),
            &[
                "member", "enrol", "--pool", &pool, "--plan", &plan, "--id", id, "--from", &from,
                "--to", &to,
            ],
        )?;
    }
    let house = House {
        pool,
        clinic,
        mint,
        days,
    };
    contract(stage, &house, Role::Clinic, "clinic", &house.clinic)?;
    Ok(house)
}

/// An agreement of the pool with a provider, which is paid to the token account of its key, and the key to the schedule's codes.
///
/// # Errors
/// What a command refuses.
pub fn contract(
    stage: &mut Stage,
    house: &House,
    role: Role,
    who: &str,
    provider: &str,
) -> Result<()> {
    let offered = stage.act(
        Role::Insurer,
        &format!("Offer the {who} an agreement"),
        &[
            "agreement",
            "offer",
            "--pool",
            &house.pool,
            "--provider",
            provider,
            "--limit-per-claim",
            LIMIT,
            "--limit-per-day",
            LIMIT,
        ],
    )?;
    let agreement = address(&offered)?;
    let payout = purse::token_account(&stage.key(role)?, &house.mint).to_string();
    stage.act(
        role,
        "Accept it",
        &["agreement", "accept", &agreement, "--payout", &payout],
    )?;
    let codes = path(stage.file(&format!("code-keys-{who}.json")));
    stage.act(
        Role::Insurer,
        &format!("Hand the {who} the schedule's code key"),
        &["store", "export", &codes, "--code-keys"],
    )?;
    stage.act(role, "Take it in", &["store", "import", &codes])?;
    Ok(())
}

/// Registers an organization, has governance admit it, and gives its key permissions. Its account.
pub fn admit(
    stage: &mut Stage,
    role: Role,
    kind: &str,
    identifier: &str,
    permissions: &str,
) -> Result<String> {
    let register = [
        "org",
        "register",
        "--kind",
        kind,
        "--identifier",
        identifier,
    ];
    let registered = stage.act(role, &format!("Register the {kind}"), &register)?;
    let organization = address(&registered)?;
    stage.act(
        Role::Governance,
        &format!("Admit the {kind}"),
        &["org", "activate", &organization],
    )?;
    let key = stage.key(role)?.to_string();
    let add = ["operator", "add", "--org", &organization, "--key", &key];
    stage.act(
        role,
        &format!("Give the {kind}'s key its permissions"),
        &[&add[..], &["--permissions", permissions]].concat(),
    )?;
    Ok(organization)
}

fn quote_visit(stage: &mut Stage, house: &House, visit: &str) -> Result<Value> {
    let member = json!({ "covered_from": house.days.covered_from.to_string(), "covered_to": house.days.covered_to.to_string() });
    let member = path(stage.write("member.json", &member.to_string())?);
    let plan = path(stage.file("plan.json"));
    let quote = stage.act(
        Role::Clinic,
        "Quote the visit before care",
        &[
            "claim", "quote", "--plan", &plan, "--claim", visit, "--member", &member,
        ],
    )?;
    stage.result(format!(
        "{}; the plan would pay {}, the patient {}",
        lines(&quote),
        money(amount(&quote["totals"]["paid"])),
        money(amount(&quote["totals"]["patient"]))
    ));
    Ok(quote)
}

/// The desk signs, with the salts of the insurer's store.
///
/// # Errors
/// What a command refuses.
pub fn ticket(
    stage: &mut Stage,
    house: &House,
    id: &str,
    (who, provider): (&str, &str),
    name: &str,
) -> Result<String> {
    let shown = stage.act(
        Role::Insurer,
        &format!("Look {id} up"),
        &["member", "show", "--pool", &house.pool, "--id", id],
    )?;
    // A look-up is no step of the story; the ticket is.
    stage.steps.pop();
    let member = text(&shown["address"])?;
    let (from, to) = (
        house.days.covered_from.to_string(),
        house.days.covered_to.to_string(),
    );
    let ticket = stage.act(
        Role::Desk,
        &format!("Vouch for {id}, in a ticket for the {who}"),
        &[
            "member",
            "ticket",
            "--pool",
            &house.pool,
            "--member",
            &member,
            "--provider",
            provider,
            "--from",
            &from,
            "--to",
            &to,
        ],
    )?;
    Ok(path(stage.write(name, &ticket.to_string())?))
}

fn submit(
    stage: &mut Stage,
    house: &House,
    title: &str,
    claim: &str,
    ticket: &str,
    again: bool,
) -> Result<Value> {
    let mut words = vec![
        "claim",
        "submit",
        "--pool",
        &house.pool,
        "--provider",
        &house.clinic,
        "--claim",
        claim,
        "--ticket",
        ticket,
    ];
    if again {
        words.push("--again");
    }
    stage
        .act(Role::Clinic, title, &words)
        .map(|answer| answer["account"].clone())
}

fn former_member(stage: &mut Stage, house: &House) -> Result<Value> {
    let clinic = ("clinic", house.clinic.as_str());
    let ticket = ticket(
        stage,
        house,
        documents::FORMER_MEMBER,
        clinic,
        "former-ticket.json",
    )?;
    // The desk's word is not what decides about coverage, and the story shows it.
    let document = path(stage.write("former.fhir.json", &documents::former(&house.days))?);
    let claim = submit(
        stage,
        house,
        "Submit a claim for somebody no longer covered",
        &document,
        &ticket,
        false,
    )?;
    expect("the reason for who is not covered", reason(&claim, 0), 27)?;
    stage.result(format!("denied: {}", lines(&claim)));
    Ok(claim)
}

/// The member's figures on the ledger, as a document for the next quote.
fn next_visit(stage: &mut Stage, house: &House, member: &Value) -> Result<Value> {
    let mut document = json!({ "covered_from": member["covered_from"], "covered_to": member["covered_to"], "lifetime_used": member["lifetime_used"] });
    let year = period(member, house.days.today);
    for field in [
        "deductible_used",
        "out_of_pocket_used",
        "annual_used",
        "tier_used",
    ] {
        if let Some(used) = year.get(field) {
            document[field] = used.clone();
        }
    }
    let member = path(stage.write("member-now.json", &document.to_string())?);
    let claim = path(stage.write("next.json", &documents::next(&house.days))?);
    let plan = path(stage.file("plan.json"));
    let quote = stage.act(
        Role::Clinic,
        "Quote a next visit",
        &[
            "claim", "quote", "--plan", &plan, "--claim", &claim, "--member", &member,
        ],
    )?;
    stage.result(format!(
        "{}; the plan would pay {}, the patient {}",
        lines(&quote),
        money(amount(&quote["totals"]["paid"])),
        money(amount(&quote["totals"]["patient"]))
    ));
    Ok(quote)
}

/// The quote is the bill, computed early: to the cent, with every reason.
fn same_lines(quote: &Value, claim: &Value) -> Result<()> {
    let part = |answer: &Value| -> Vec<Value> {
        let lines = answer["lines"].as_array().cloned().unwrap_or_default();
        lines
            .iter()
            .map(|line| {
                json!([
                    line["charge"],
                    line["allowed"],
                    line["paid"],
                    line["patient"],
                    line["adjustments"]
                ])
            })
            .collect()
    };
    if part(quote) == part(claim) && quote["totals"] == claim["totals"] {
        return Ok(());
    }
    Err(CliError::new(
        "story_broken",
        format!(
            "The ledger adjudicates otherwise than the quote: {} against {}.",
            claim["lines"], quote["lines"]
        ),
    ))
}

/// Stops the play where the ledger says something else.
pub fn expect(what: &str, is: u64, should: u64) -> Result<()> {
    if is == should {
        return Ok(());
    }
    Err(CliError::new(
        "story_broken",
        format!("Something is wrong with {what}: it is {is} and should be {should}."),
    ))
}

/// The reason of a line's last adjustment.
fn reason(claim: &Value, line: usize) -> u64 {
    claim["lines"][line]["adjustments"]
        .as_array()
        .and_then(|list| list.last())
        .map_or(0, |entry| amount(&entry["reason"]))
}

/// What became of each line: `1 paid 24.00 (PR-1 150.00, PR-2 6.00)`.
fn lines(answer: &Value) -> String {
    let lines = answer["lines"].as_array().cloned().unwrap_or_default();
    let words = lines.iter().map(|line| {
        let adjustments = line["adjustments"].as_array().cloned().unwrap_or_default();
        let adjustments: Vec<String> = adjustments
            .iter()
            .map(|entry| {
                format!(
                    "{}-{} {}",
                    entry["group"].as_str().unwrap_or_default(),
                    entry["reason"],
                    money(amount(&entry["amount"]))
                )
            })
            .collect();
        format!(
            "line {} pays {} ({})",
            line["line"],
            money(amount(&line["paid"])),
            adjustments.join(", ")
        )
    });
    words.collect::<Vec<_>>().join("; ")
}

/// What was used in the year of a day; null where nothing was.
fn period(member: &Value, day: Date) -> Value {
    let periods = member["periods"].as_array().cloned().unwrap_or_default();
    periods
        .into_iter()
        .find(|period| amount(&period["year"]) == u64::from(day.year()))
        .unwrap_or_default()
}

/// A number of an answer.
pub fn amount(value: &Value) -> u64 {
    value.as_u64().unwrap_or_default()
}

/// The address of the account that a command has made or changed.
pub fn address(answer: &Value) -> Result<String> {
    text(&answer["account"]["address"])
}

/// Text of an answer.
pub fn text(value: &Value) -> Result<String> {
    value
        .as_str()
        .map(str::to_owned)
        .ok_or_else(|| CliError::new("story_broken", "A command's answer lacks an address."))
}

/// An address of an answer.
pub fn key(text: &str) -> Result<Pubkey> {
    text.parse()
        .map_err(|_| CliError::new("story_broken", format!("{text} is not an address.")))
}

/// A path as a word of a command line.
pub fn path(path: std::path::PathBuf) -> String {
    path.to_string_lossy().into_owned()
}
