//! The trial story: two hundred participants consent, are enrolled and paid for two visits; between the visits the protocol is
//! amended, one participant declines the amendment and one withdraws; the escrow's books balance to the cent.

use std::fmt;

use serde::Serialize;
use serde_json::Value;
use solana_pubkey::Pubkey;
use solana_signer::Signer;

use super::documents;
use super::purse;
use super::stage::{Act, Role, Stage};
use super::story::{address, admit, amount, expect, key, path, text};
use crate::error::Result;
use crate::output::money;

/// Participants of the cohort.
const PARTICIPANTS: u64 = 200;
/// What the sponsor puts into the escrow, in cents.
const FUNDED: &str = "6000000";
/// Stipends of the two visits, in cents, as the schedule has them.
const STIPENDS: [u64; 2] = [7_500, 10_000];

/// What the story found, beside its steps. Money is cents.
#[derive(Debug, Serialize)]
pub struct FoundTrial {
    /// The trial, for those who want to look further.
    pub trial: String,
    /// Everybody who was paid for the first visit.
    pub paid_first: u64,
    /// Everybody who was paid for the second visit.
    pub paid_second: u64,
    /// Put into the escrow.
    pub funded: u64,
    /// Paid to participants.
    pub to_participants: u64,
    /// Paid to the site.
    pub to_site: u64,
    /// Set aside or earned, and still in the vault.
    pub kept: u64,
    /// Free for the sponsor.
    pub free: u64,
    /// What the vault holds.
    pub vault_holds: u64,
}

/// What the preparations have made.
pub struct Theatre {
    sponsor: String,
    board: String,
    clinic: String,
    mint: Pubkey,
}

/// Sponsor, ethics board and the sponsor's money.
///
/// # Errors
/// What a command refuses.
pub fn prepare(stage: &mut Stage, clinic: &str) -> Result<Theatre> {
    for role in [Role::Sponsor, Role::Board] {
        purse::fill(&stage.cluster, &stage.key(role)?)?;
    }
    let sponsor = admit(
        stage,
        Role::Sponsor,
        "sponsor",
        documents::SPONSOR,
        "manage-trial,fund,countersign-visit",
    )?;
    let board = admit(
        stage,
        Role::Board,
        "ethics-board",
        documents::BOARD,
        "oversee-trial",
    )?;
    let before = stage.lamports(Role::Sponsor)?;
    let clinic_key = stage.key(Role::Clinic)?;
    let (mint, receipt) = stage.issue(Role::Sponsor, &[clinic_key])?;
    let title = "Issue a test currency to the sponsor";
    stage.note(Role::Sponsor, title, receipt, before)?;
    Ok(Theatre {
        sponsor,
        board,
        clinic: clinic.to_owned(),
        mint,
    })
}

/// Plays the story.
///
/// # Errors
/// `story_broken`, and what a command refuses.
pub fn play(stage: &mut Stage, theatre: &Theatre) -> Result<FoundTrial> {
    stage.now = Act::Trial;
    let trial = found_trial(stage, theatre)?;
    let (site, cohort) = open_site(stage, theatre, &trial)?;
    let table = gather(stage, theatre)?;

    let consent = [
        "trial", "consent", &trial, "--cohort", &cohort, "--from", &table,
    ];
    let consented = stage.act(Role::Clinic, "200 participants consent", &consent)?;
    expect(
        "the number of consents",
        amount(&consented["done"]),
        PARTICIPANTS,
    )?;
    let enrol = ["trial", "enrol", &trial, "--from", &table];
    let enrolled = stage.act(Role::Clinic, "Enrol them", &enrol)?;
    expect(
        "the number of enrolments",
        amount(&enrolled["done"]),
        PARTICIPANTS,
    )?;
    let reserved = amount(&ledger(stage, &trial)?["reserved"]);
    stage.result(format!(
        "all that they can still earn is set aside: {}",
        money(reserved)
    ));

    let first = visit(stage, &trial, 0, PARTICIPANTS, PARTICIPANTS)?;
    let in_force = amend(stage, &trial)?;
    let going_on = depart(stage, &trial, in_force)?;
    // Where the amendment is not in force yet, those who have left are not seen a second time today.
    let seen = if in_force { PARTICIPANTS } else { going_on };
    let second = visit(stage, &trial, 1, seen, going_on)?;
    let paid = stage.act(
        Role::Sponsor,
        "Pay the site its fees",
        &["trial", "pay-site", &site],
    )?;
    let to_site = amount(&paid["account"]["paid"]);
    stage.result(money(to_site));
    balance(stage, &trial, theatre, (first, second), to_site)
}

/// Trial, caps, protocol, schedule, analysis plan, money.
fn found_trial(stage: &mut Stage, theatre: &Theatre) -> Result<String> {
    let mint = theatre.mint.to_string();
    let create = [
        "trial",
        "create",
        "--sponsor",
        &theatre.sponsor,
        "--board",
        &theatre.board,
        "--mint",
        &mint,
    ];
    let created = stage.act(Role::Sponsor, "Create a trial with its escrow", &create)?;
    let trial = address(&created)?;
    let caps = [
        "trial",
        "caps",
        &trial,
        "--per-visit",
        "10000",
        "--per-participant",
        "20000",
        "--per-month",
        "20000",
        "--bonus-share-bps",
        "1500",
    ];
    stage.act(Role::Board, "The ethics board sets what may be paid", &caps)?;
    stage.result(
        "100.00 a visit, 200.00 a participant, at most 15% of it for completing".to_owned(),
    );
    publish(stage, &trial, "1", "protocol, version 1", None)?;
    let document = path(stage.write("trial-schedule.json", documents::TRIAL_SCHEDULE)?);
    stage.act(
        Role::Sponsor,
        "Seal the schedule of visits",
        &["trial", "schedule", &trial, &document],
    )?;
    stage.result("75.00 and 100.00, and 25.00 for both".to_owned());
    let plan = path(stage.write("analysis-plan.txt", "analysis plan, version 1")?);
    stage.act(
        Role::Sponsor,
        "Commit to the analysis plan",
        &["trial", "data", "plan", &trial, &plan],
    )?;
    stage.result("only its hash, before anybody takes part".to_owned());
    stage.act(
        Role::Sponsor,
        "Fund the escrow",
        &["trial", "fund", &trial, "--total", FUNDED],
    )?;
    Ok(trial)
}

fn publish(
    stage: &mut Stage,
    trial: &str,
    number: &str,
    protocol: &str,
    from: Option<&str>,
) -> Result<()> {
    let protocol = path(stage.write(&format!("protocol-{number}.txt"), protocol)?);
    let form = format!("consent form of protocol version {number}");
    let form = path(stage.write(&format!("consent-form-{number}.txt"), &form)?);
    stage.act(
        Role::Sponsor,
        &format!("Publish protocol and consent form, version {number}"),
        &[
            "trial",
            "publish",
            trial,
            "--protocol",
            &protocol,
            "--consent-form",
            &form,
        ],
    )?;
    let mut approve = vec!["trial", "approve", trial, "--version-number", number];
    if let Some(from) = from {
        approve.extend(["--from", from]);
    }
    let title = format!("The ethics board approves version {number}");
    stage.act(Role::Board, &title, &approve)?;
    Ok(())
}

fn open_site(stage: &mut Stage, theatre: &Theatre, trial: &str) -> Result<(String, String)> {
    let add = [
        "trial",
        "add-site",
        trial,
        "--organization",
        &theatre.clinic,
    ];
    let added = stage.act(Role::Sponsor, "Offer the trial to the clinic", &add)?;
    let site = address(&added)?;
    let payout = purse::token_account(&stage.key(Role::Clinic)?, &theatre.mint).to_string();
    let accept = ["trial", "accept-site", &site, "--payout", &payout];
    stage.act(Role::Clinic, "The clinic accepts", &accept)?;
    let capacity = PARTICIPANTS.to_string();
    let open = ["trial", "open-cohort", &site, "--capacity", &capacity];
    let opened = stage.act(Role::Clinic, "Open a page for 200 participants", &open)?;
    Ok((site, address(&opened)?))
}

/// Keys and wallets of participants, and the markers that blind who they are: a table.
fn gather(stage: &mut Stage, theatre: &Theatre) -> Result<String> {
    let persons: Vec<String> = (1..=PARTICIPANTS).map(|n| format!("person {n}")).collect();
    let mut words = vec!["trial", "marker", "--sponsor", &theatre.sponsor];
    for person in &persons {
        words.extend(["--person", person]);
    }
    let blinded = stage.act(Role::Sponsor, "Blind who the participants are", &words)?;
    if let Some(step) = stage.steps.last_mut() {
        step.command = "galen trial marker --sponsor ... --person ... (200 of them)".to_owned();
    }
    let mut table = String::from("participant,subject,owner,marker\n");
    let markers = blinded["markers"].as_array().cloned().unwrap_or_default();
    for (number, one) in (1..).zip(&markers) {
        stage.make_key(&keyfile(number))?;
        let wallet = stage.make_key(&format!("wallet-{number}.json"))?;
        table += &format!(
            "{},S-{number},{wallet},{}\n",
            keyfile(number),
            text(&one["marker"])?
        );
    }
    Ok(path(stage.write("participants.csv", &table)?))
}

fn keyfile(number: u64) -> String {
    format!("participant-{number}.json")
}

/// Attests a visit of today for the first `seen` participants, of whom some may not earn it, and pays. What was paid.
fn visit(
    stage: &mut Stage,
    trial: &str,
    milestone: usize,
    seen: u64,
    expected: u64,
) -> Result<u64> {
    let today = stage.cluster.today()?;
    let mut visits = String::from("participant,milestone,visited\n");
    for number in 1..=seen {
        visits += &format!("{},{milestone},{today}\n", keyfile(number));
    }
    let visits = path(stage.write(&format!("visits-{milestone}.csv"), &visits)?);
    let attest = [
        "trial",
        "attest",
        trial,
        "--from",
        &visits,
        "--skip-invalid",
    ];
    let attested = stage.act(
        Role::Clinic,
        &format!("Attest visit {} of everybody", milestone + 1),
        &attest,
    )?;
    expect("the number of visits", amount(&attested["done"]), expected)?;
    let refused = attested["faults"].as_array().map_or(0, Vec::len);
    stage.result(match refused {
        0 => format!("{expected} earned it"),
        refused => format!(
            "{expected} earned it; {refused} refused: they have not consented to the amendment"
        ),
    });
    let report = path(stage.file(&format!("payout-{milestone}.csv")));
    let pay = ["trial", "pay", trial, "--report", &report];
    let paid = stage.act(Role::Clinic, &format!("Pay visit {}", milestone + 1), &pay)?;
    let stipend = STIPENDS.get(milestone).copied().unwrap_or_default();
    expect("the number of payments", amount(&paid["paid"]), expected)?;
    let again = stage.act(Role::Sponsor, "Pay once more, in case", &pay)?;
    expect("what is paid twice", amount(&again["amount"]), 0)?;
    stage.steps.pop();
    // Nobody believes a total: somebody's own account is looked at.
    let first = participant(stage, trial, 1)?;
    let everything: u64 = STIPENDS.iter().take(milestone + 1).sum();
    // The last visit brings the bonus, once both are earned, when the participation is settled.
    expect(
        "the first participant's payments",
        amount(&first["paid"]),
        everything,
    )?;
    stage.result(format!(
        "{} to {expected} participants, {stipend_text} each; run again, it pays nothing",
        money(amount(&paid["amount"])),
        stipend_text = money(stipend)
    ));
    Ok(amount(&paid["amount"]))
}

/// A day has one version at most, so the amendment is in force on the next one. Whether that has come: not every validator
/// can move its clock.
fn amend(stage: &mut Stage, trial: &str) -> Result<bool> {
    let tomorrow = stage
        .cluster
        .today()?
        .plus_days(1)
        .map(|day| day.to_string());
    publish(
        stage,
        trial,
        "2",
        "protocol, version 2: a blood sample more",
        tomorrow.as_deref(),
    )?;
    let passed = stage.pass_hours(24)?;
    stage.result(
        if passed {
            "a day passes, and it is in force"
        } else {
            "in force from tomorrow"
        }
        .to_owned(),
    );
    Ok(passed)
}

/// One declines the amendment, one withdraws, the others consent to it. How many go on.
fn depart(stage: &mut Stage, trial: &str, in_force: bool) -> Result<u64> {
    for (number, title, reason, status) in [
        (
            PARTICIPANTS,
            "One participant declines the amendment",
            "declined-amendment",
            "discontinued",
        ),
        (
            PARTICIPANTS - 1,
            "Another withdraws",
            "withdrawn",
            "withdrawn",
        ),
    ] {
        let file = path(stage.file(&keyfile(number)));
        let leave = [
            "trial",
            "leave",
            trial,
            "--participant",
            &file,
            "--reason",
            reason,
        ];
        let left = stage.act(Role::Clinic, title, &leave)?;
        expect(
            "what was earned before",
            amount(&left["account"]["paid"]),
            STIPENDS[0],
        )?;
        if left["account"]["status"] != status {
            return Err(crate::error::CliError::new(
                "story_broken",
                format!(
                    "The participant is {} and should be {status}.",
                    left["account"]["status"]
                ),
            ));
        }
        stage.result(format!(
            "{status}; keeps the {} earned before",
            money(STIPENDS[0])
        ));
    }
    if !in_force {
        return Ok(PARTICIPANTS - 2);
    }
    let mut rest = String::from("participant\n");
    for number in 1..PARTICIPANTS - 1 {
        rest += &format!("{}\n", keyfile(number));
    }
    let rest = path(stage.write("going-on.csv", &rest)?);
    let renew = ["trial", "renew", trial, "--from", &rest];
    let renewed = stage.act(Role::Clinic, "The others consent to it", &renew)?;
    expect(
        "the number of renewals",
        amount(&renewed["done"]),
        PARTICIPANTS - 2,
    )?;
    Ok(PARTICIPANTS - 2)
}

/// Every cent that came in was paid, or is in the vault; and the vault holds what the ledger says.
fn balance(
    stage: &mut Stage,
    trial: &str,
    theatre: &Theatre,
    paid: (u64, u64),
    to_site: u64,
) -> Result<FoundTrial> {
    let shown = stage.act(
        Role::Sponsor,
        "The escrow's books",
        &["trial", "show", trial],
    )?;
    let ledger = |name: &str| amount(&shown["ledger"][name]);
    let (first, second) = paid;
    let vault = purse::cents(&stage.cluster, &key(&text(&shown["vault"])?)?)?;
    let kept = ledger("reserved").saturating_add(ledger("payable"));
    let found = FoundTrial {
        trial: trial.to_owned(),
        paid_first: first,
        paid_second: second,
        funded: ledger("funded"),
        to_participants: first.saturating_add(second),
        to_site,
        kept,
        free: ledger("free"),
        vault_holds: vault,
    };
    expect(
        "what was paid",
        ledger("paid"),
        found.to_participants.saturating_add(to_site),
    )?;
    expect(
        "what came in",
        found.funded,
        ledger("paid")
            .saturating_add(kept)
            .saturating_add(found.free),
    )?;
    expect("the vault", vault, kept.saturating_add(found.free))?;
    let clinic = purse::token_account(&stage.key(Role::Clinic)?, &theatre.mint);
    expect(
        "the clinic's account",
        purse::cents(&stage.cluster, &clinic)?,
        to_site,
    )?;
    stage.result(format!(
        "{} in; {} to participants, {} to the site; {} in the vault, of it {} set aside",
        money(found.funded),
        money(found.to_participants),
        money(to_site),
        money(vault),
        money(kept)
    ));
    Ok(found)
}

fn ledger(stage: &mut Stage, trial: &str) -> Result<Value> {
    let shown = stage.act(Role::Sponsor, "Look", &["trial", "show", trial])?;
    stage.steps.pop();
    Ok(shown["ledger"].clone())
}

fn participant(stage: &mut Stage, trial: &str, number: u64) -> Result<Value> {
    let file = path(stage.file(&keyfile(number)));
    let who = crate::signer::load(&file, "participant")?
        .pubkey()
        .to_string();
    let shown = stage.act(
        Role::Sponsor,
        "Look",
        &["trial", "participants", trial, "--participant", &who],
    )?;
    stage.steps.pop();
    Ok(shown[0].clone())
}

impl fmt::Display for FoundTrial {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(
            f,
            "The trial's escrow balances to the cent: {} = {} to participants + {} to the site + {} set aside + {} free.",
            money(self.funded),
            money(self.to_participants),
            money(self.to_site),
            money(self.kept),
            money(self.free)
        )
    }
}
