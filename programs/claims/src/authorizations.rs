//! The authorisations that come with a claim: which line has which, used up and given back.

use anchor_lang::prelude::*;
use galen_rules::adjudication::details::Authorization as Granted;
use galen_rules::adjudication::{CodeKey, Line, ProviderTag};
use galen_rules::date::Window;
use galen_rules::Date;

use crate::convert;
use crate::error::ClaimsError;
use crate::state::{Authorization, Claim, HistoryEntry, Member};

/// The authorisations among the accounts after an instruction's own: all of them but the member's family, which comes
/// first where there is one.
pub fn among<'info>(
    member: &Member,
    others: &'info [AccountInfo<'info>],
) -> &'info [AccountInfo<'info>] {
    let families = usize::from(member.family != Pubkey::default());
    others.get(families..).unwrap_or(&[])
}

/// Finds an authorisation for each line that needs one; answers with their numbers by line, 0 = none. What a claim that waits
/// remembers goes to the same lines again, and its other lines get the one with the lowest number that fits; those of a claim
/// that has not waited get the first that fits, in the order in which its provider brings them.
///
/// # Errors
/// Those of an account that is none of this program's authorisations.
pub fn find<'info>(
    papers: &'info [AccountInfo<'info>],
    claim: &Claim,
    lines: &mut [Line],
) -> Result<Vec<u8>> {
    let mut left = Vec::with_capacity(papers.len());
    for paper in papers {
        left.push(loader(paper)?.load()?.left());
    }
    let mut numbers = vec![0; lines.len()];
    if claim.lines.iter().any(|line| line.authorization != 0) {
        find_remembered(papers, claim, lines, &mut left, &mut numbers)?;
        find_by_number(papers, claim, lines, &mut left, &mut numbers)?;
    }
    for ((line, asked), number) in lines.iter_mut().zip(&claim.lines).zip(&mut numbers) {
        if !needs_one(line) || *number != 0 {
            continue;
        }
        for (paper, left) in papers.iter().zip(&mut left) {
            let loader = loader(paper)?;
            let paper = loader.load()?;
            let units = u32::from(asked.units);
            if *left >= units && paper.is_about(asked, &claim.member, &claim.provider) {
                *left = left.saturating_sub(units);
                *number = paper.number;
                line.authorized = true;
                break;
            }
        }
    }
    Ok(numbers)
}

/// Gives each line the authorisation that it was given when the claim began to wait, where it still fits. Whoever cranks
/// brings them in an order of its own, in which one line could take what another needs.
// Most claims do not wait.
#[cold]
#[inline(never)]
fn find_remembered<'info>(
    papers: &'info [AccountInfo<'info>],
    claim: &Claim,
    lines: &mut [Line],
    left: &mut [u32],
    numbers: &mut [u8],
) -> Result<()> {
    for ((line, asked), number) in lines.iter_mut().zip(&claim.lines).zip(numbers) {
        if asked.authorization == 0 || !needs_one(line) {
            continue;
        }
        for (paper, left) in papers.iter().zip(&mut *left) {
            let loader = loader(paper)?;
            let paper = loader.load()?;
            let units = u32::from(asked.units);
            if paper.number == asked.authorization
                && *left >= units
                && paper.is_about(asked, &claim.member, &claim.provider)
            {
                *left = left.saturating_sub(units);
                *number = paper.number;
                line.authorized = true;
                break;
            }
        }
    }
    Ok(())
}

/// Gives each line of a claim that waited, and whose own authorisation has run short, the one with the lowest number that fits:
/// whoever cranks does not choose.
#[cold]
#[inline(never)]
fn find_by_number<'info>(
    papers: &'info [AccountInfo<'info>],
    claim: &Claim,
    lines: &mut [Line],
    left: &mut [u32],
    numbers: &mut [u8],
) -> Result<()> {
    for ((line, asked), number) in lines.iter_mut().zip(&claim.lines).zip(numbers) {
        if !needs_one(line) || *number != 0 {
            continue;
        }
        let units = u32::from(asked.units);
        let mut lowest: Option<(u8, &mut u32)> = None;
        for (paper, left) in papers.iter().zip(&mut *left) {
            let loader = loader(paper)?;
            let paper = loader.load()?;
            let is_lower = lowest
                .as_ref()
                .is_none_or(|(number, _)| paper.number < *number);
            if is_lower && *left >= units && paper.is_about(asked, &claim.member, &claim.provider) {
                lowest = Some((paper.number, left));
            }
        }
        if let Some((lowest, left)) = lowest {
            *left = left.saturating_sub(units);
            *number = lowest;
            line.authorized = true;
        }
    }
    Ok(())
}

fn needs_one(line: &Line) -> bool {
    line.benefit
        .is_some_and(|benefit| benefit.authorization_required)
}

/// Whether a line needs one and none fits it.
pub fn are_lacking(lines: &[Line]) -> bool {
    lines.iter().any(|line| needs_one(line) && !line.authorized)
}

/// The member's own among `papers`, as the rulebook has them.
///
/// # Errors
/// `DateInvalid`; those of an account that is none of this program's authorisations.
pub fn tell<'info>(papers: &'info [AccountInfo<'info>], member: &Pubkey) -> Result<Vec<Granted>> {
    let mut told = Vec::with_capacity(papers.len());
    for paper in papers {
        let loader = loader(paper)?;
        let paper = loader.load()?;
        if paper.member == *member {
            told.push(granted(&paper)?);
        }
    }
    Ok(told)
}

fn granted(paper: &Authorization) -> Result<Granted> {
    Ok(Granted {
        number: key_of(paper.number),
        code: Some(CodeKey(paper.code_key)),
        provider: if paper.provider == Pubkey::default() {
            ProviderTag::UNKNOWN
        } else {
            ProviderTag(HistoryEntry::provider_tag(&paper.provider))
        },
        window: Window {
            from: convert::date(paper.from)?,
            to: convert::date(paper.to)?,
        },
        // What the ledger has was granted, and in time.
        requested: Date::MIN,
        units: Some(paper.units),
        used: paper.used,
        refused: false,
    })
}

/// The number of an authorisation as a line cites it.
fn key_of(number: u8) -> CodeKey {
    CodeKey([0, 0, 0, 0, 0, 0, 0, number])
}

fn number_of(CodeKey([.., number]): CodeKey) -> u8 {
    number
}

/// Has each line that needs one cite the one that was found for it, by `numbers`, or else the one about its code with the lowest
/// number, so that the rulebook can say why that does not do. What each cites; 0 = nothing.
pub fn cite(told: &[Granted], lines: &mut [Line], numbers: &[u8]) -> Vec<u8> {
    let mut cited = numbers.to_vec();
    for (line, number) in lines.iter_mut().zip(&mut cited) {
        if !needs_one(line) || *number != 0 {
            continue;
        }
        let about = told
            .iter()
            .filter(|granted| granted.code == Some(line.service.code));
        let lowest = about.map(|granted| number_of(granted.number)).min();
        if let Some(lowest) = lowest {
            *number = lowest;
            line.authorized = true;
        }
    }
    cited
}

/// What a line cites, as the rulebook has it.
pub fn citation(number: u8) -> Option<CodeKey> {
    (number != 0).then(|| key_of(number))
}

/// Remembers in a claim that begins to wait what its lines are to use up: whoever cranks it on must bring that again.
pub fn remember(claim: &mut Claim, numbers: &[u8]) {
    for (line, number) in claim.lines.iter_mut().zip(numbers) {
        if !line.is_denied() {
            line.authorization = *number;
        }
    }
}

/// Whether everything is there that a claim is to use up since it waits.
///
/// # Errors
/// `AuthorizationMissing`.
#[cold]
#[inline(never)]
pub fn check_remembered<'info>(papers: &'info [AccountInfo<'info>], claim: &Claim) -> Result<()> {
    for line in claim.lines.iter().filter(|line| line.authorization != 0) {
        with(papers, &claim.member, line.authorization, |_| Ok(()))?;
    }
    Ok(())
}

/// Uses up what the lines that passed were authorised by.
///
/// # Errors
/// `AuthorizationMissing`, `AuthorizationExhausted` where one was given twice.
pub fn use_up<'info>(
    papers: &'info [AccountInfo<'info>],
    claim: &mut Claim,
    numbers: &[u8],
) -> Result<()> {
    let member = claim.member;
    for (line, number) in claim.lines.iter_mut().zip(numbers) {
        if *number == 0 || line.is_denied() {
            continue;
        }
        line.authorization = *number;
        with(papers, &member, *number, |paper| paper.use_up(line.units))?;
    }
    Ok(())
}

/// Gives back what the lines of `claim` were authorised by.
///
/// # Errors
/// `AuthorizationMissing`; `InvariantBroken` where less has been used up.
pub fn give_back<'info>(papers: &'info [AccountInfo<'info>], claim: &Claim) -> Result<()> {
    for line in claim.lines.iter().filter(|line| line.authorization != 0) {
        with(papers, &claim.member, line.authorization, |paper| {
            paper.give_back(line.units)
        })?;
    }
    Ok(())
}

/// Changes authorisation `number` of `member`, which is among `papers`, or missing: what the member and the plan version must come
/// with is no authorisation, and stands behind the last of them.
fn with<'info>(
    papers: &'info [AccountInfo<'info>],
    member: &Pubkey,
    number: u8,
    change: impl FnOnce(&mut Authorization) -> Result<()>,
) -> Result<()> {
    for loader in papers.iter().map_while(|paper| loader(paper).ok()) {
        let is_it = {
            let paper = loader.load()?;
            paper.number == number && paper.member == *member
        };
        if is_it {
            let mut paper = loader.load_mut()?;
            change(&mut paper)?;
            return paper.invariant();
        }
    }
    Err(ClaimsError::AuthorizationMissing.into())
}

fn loader<'info>(
    account: &'info AccountInfo<'info>,
) -> Result<AccountLoader<'info, Authorization>> {
    AccountLoader::try_from(account)
}
