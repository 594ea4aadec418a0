//! What the insurer uploads for its plans: benefit schedules, and the details of the next version. It is opened, filled, sealed, or
//! given up, and then whoever opened it has its rent back.

use super::agreements::Change;
use super::known::demands;
use super::*;

/// Entries of a schedule that is uploaded in a walk.
const ENTRIES: usize = 6;
/// Entries of a schedule that are appended at once.
const BENEFITS: usize = 3;

/// How far an upload has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// There is no account.
    None,
    /// It is open, with so many entries.
    Open(usize),
    Sealed,
}

/// What is uploaded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Uploaded {
    Schedule,
    Details,
}

/// What an account that is closed gives back, and to whom.
pub struct Rent {
    account: Pubkey,
    to: Pubkey,
    /// What both had, in lamports.
    both: u64,
}

impl Walk {
    /// Something about an upload.
    pub fn pick_upload(&mut self) -> (&'static str, Vec<Instruction>) {
        if self.dice.below(2) == 0 {
            self.pick_schedule()
        } else {
            self.pick_details()
        }
    }

    /// The insurer with the schedule that is uploaded in the place of its plan's.
    fn uploading(&self) -> ClaimsFixture {
        let fixture = self.start.fixture();
        ClaimsFixture {
            schedule: schedule_address(&fixture.staff, &self.seed()),
            entries: fixture.entries[..ENTRIES].to_vec(),
            ..fixture.clone()
        }
    }

    fn seed(&self) -> String {
        format!("uploaded {}", self.schedule.1)
    }

    fn pick_schedule(&mut self) -> (&'static str, Vec<Instruction>) {
        use ClaimsError::{
            NotScheduleOpener, ScheduleChunkAlreadyUploaded, ScheduleChunkOutOfOrder,
            ScheduleDigestMismatch, ScheduleFull, ScheduleSealed,
        };
        let what = Uploaded::Schedule;
        let kind = self.dice.below(6);
        // What is sealed stays: another one is opened beside it.
        if self.schedule.0 == Stage::Sealed && kind > 2 {
            self.schedule = (Stage::None, self.schedule.1 + 1);
        }
        let way = self.uploading();
        let (name, instruction, outcome) = match (self.schedule.0, kind) {
            (Stage::None, 0) => {
                let gone = Err(ErrorCode::AccountOwnedByWrongProgram.into());
                ("close_schedule", way.close_schedule(), gone)
            }
            (Stage::None, _) => {
                let size = BenefitSchedule::account_size(u32::try_from(ENTRIES).unwrap()).unwrap();
                let create = way.create_schedule_account(&self.world, &self.seed(), size);
                let open = way.open_schedule(way.schedule);
                return self.done("open_schedule", what, Stage::Open(0), vec![create, open]);
            }
            (Stage::Open(_), 0) => {
                let rent = self.rent(way.schedule);
                self.change = Some(Change::Closed { what, rent });
                ("close_schedule", way.close_schedule(), Ok(None))
            }
            (Stage::Open(_), 1) => {
                let close = to_another(way.close_schedule(), &way);
                ("close_schedule", close, Err(NotScheduleOpener.into()))
            }
            (Stage::Open(count), 2) if count < ENTRIES => {
                let refusal = Err(ScheduleDigestMismatch.into());
                ("seal_schedule", way.seal(), refusal)
            }
            (Stage::Open(ENTRIES), 2 | 3) => ("seal_schedule", way.seal(), Ok(Some(Stage::Sealed))),
            (Stage::Open(count), _) => {
                // Now and then what is there already, or what comes later.
                let (from, outcome) = match self.dice.below(8) {
                    0 if count > 0 => (0, Err(ScheduleChunkAlreadyUploaded.into())),
                    1 => (count + 1, Err(ScheduleChunkOutOfOrder.into())),
                    _ if count == ENTRIES => (count, Err(ScheduleFull.into())),
                    _ => (count, Ok(Some(Stage::Open(count + BENEFITS)))),
                };
                let chunk = way.entries.iter().skip(count % ENTRIES).take(BENEFITS);
                let chunk: Vec<BenefitEntry> = chunk.copied().collect();
                let append = way.append(u32::try_from(from).unwrap(), &chunk);
                ("append_benefits", append, outcome)
            }
            (Stage::Sealed, 0) => {
                let from = u32::try_from(ENTRIES).unwrap();
                let append = way.append(from, &way.entries[..1]);
                ("append_benefits", append, Err(ScheduleSealed.into()))
            }
            (Stage::Sealed, 1) => ("seal_schedule", way.seal(), Err(ScheduleSealed.into())),
            (Stage::Sealed, _) => {
                let close = way.close_schedule();
                ("close_schedule", close, Err(ScheduleSealed.into()))
            }
        };
        self.expect(what, outcome);
        (name, vec![instruction])
    }

    /// The version whose details are uploaded: the plan's next one.
    fn number(&self) -> u16 {
        self.start.next_number + u16::from(self.published.is_some())
    }

    fn pick_details(&mut self) -> (&'static str, Vec<Instruction>) {
        use ClaimsError::{
            DetailsChunkAlreadyUploaded, DetailsChunkOutOfOrder, DetailsDigestMismatch,
            DetailsPublished, DetailsSealed, NotDetailsOpener,
        };
        let start = Rc::clone(&self.start);
        let way = start.fixture();
        let what = Uploaded::Details;
        let number = self.number();
        let entries = demands();
        let kind = self.dice.below(6);
        if self.published.is_some() && self.dice.below(4) == 0 {
            // A version stands on them, whether it is named or not.
            let version = (kind < 3).then_some(start.next_version);
            let close = way.close_details_beside(start.next_number, version);
            self.expect(what, Err(DetailsPublished.into()));
            return ("close_plan_details", vec![close]);
        }
        let (name, instruction, outcome) = match (self.details, kind) {
            (Stage::None, 0) => {
                let gone = Err(ErrorCode::AccountOwnedByWrongProgram.into());
                ("close_plan_details", way.close_details(number), gone)
            }
            (Stage::None, _) => {
                let open = way.open_details(number);
                return self.done("open_plan_details", what, Stage::Open(0), vec![open]);
            }
            (Stage::Open(_) | Stage::Sealed, 0) => {
                let rent = self.rent(way.details_of(number));
                self.change = Some(Change::Closed { what, rent });
                ("close_plan_details", way.close_details(number), Ok(None))
            }
            (Stage::Open(_) | Stage::Sealed, 1) => {
                let close = to_another(way.close_details(number), way);
                ("close_plan_details", close, Err(NotDetailsOpener.into()))
            }
            (Stage::Open(count), 2..=4) if count == entries.len() => {
                let seal = way.seal_details(number, &entries);
                ("seal_plan_details", seal, Ok(Some(Stage::Sealed)))
            }
            (Stage::Open(count), 2) if count < entries.len() => {
                let seal = way.seal_details(number, &entries);
                let refusal = Err(DetailsDigestMismatch.into());
                ("seal_plan_details", seal, refusal)
            }
            (Stage::Open(count), _) => {
                let many = 1 + usize::try_from(self.dice.below(3)).unwrap();
                let chunk: Vec<DetailEntry> =
                    entries.iter().skip(count).take(many).copied().collect();
                let all = Ok(Some(Stage::Open(count + chunk.len())));
                let (from, chunk, outcome) = match self.dice.below(8) {
                    0 if count > 0 => (0, &entries[..], Err(DetailsChunkAlreadyUploaded.into())),
                    1 => (count + 1, &entries[..], Err(DetailsChunkOutOfOrder.into())),
                    _ if chunk.is_empty() => {
                        // They have to ascend.
                        let refusal = ClaimsError::DetailsNotSorted.into();
                        (count, &entries[..1], Err(refusal))
                    }
                    _ => (count, &chunk[..], all),
                };
                let append = way.append_details(number, u32::try_from(from).unwrap(), chunk);
                ("append_plan_details", append, outcome)
            }
            (Stage::Sealed, 2 | 3) => {
                let from = u32::try_from(entries.len()).unwrap();
                let append = way.append_details(number, from, &entries[..1]);
                ("append_plan_details", append, Err(DetailsSealed.into()))
            }
            (Stage::Sealed, _) => {
                let seal = way.seal_details(number, &entries);
                ("seal_plan_details", seal, Err(DetailsSealed.into()))
            }
        };
        self.expect(what, outcome);
        (name, vec![instruction])
    }

    /// A step that is done, and how far it brings an upload.
    fn done(
        &mut self,
        name: &'static str,
        what: Uploaded,
        stage: Stage,
        instructions: Vec<Instruction>,
    ) -> (&'static str, Vec<Instruction>) {
        self.expect(what, Ok(Some(stage)));
        (name, instructions)
    }

    /// What has to come of the step: how far it brings an upload, where to it is not said otherwise; or by which code it is refused.
    fn expect(&mut self, what: Uploaded, outcome: Result<Option<Stage>, u32>) {
        match outcome {
            Ok(stage) => {
                self.wanted = Some(Wanted::Done);
                if let Some(stage) = stage {
                    self.change = Some(Change::Upload { what, stage });
                }
            }
            Err(code) => self.wanted = Some(Wanted::Refused(code)),
        }
    }

    /// What the insurer's staff, who opened it, has back of an account.
    fn rent(&self, account: Pubkey) -> Rent {
        let to = self.start.fixture().staff.key().pubkey();
        let both = self.lamports(&account) + self.lamports(&to);
        Rent { account, to, both }
    }

    fn lamports(&self, key: &Pubkey) -> u64 {
        self.world.raw(key).map_or(0, |account| account.lamports)
    }

    pub fn note_upload(&mut self, what: Uploaded, stage: Stage) {
        let (is_sealed, count) = match what {
            Uploaded::Schedule => {
                self.schedule.0 = stage;
                let address = self.uploading().schedule;
                let schedule: BenefitSchedule = read_zero_copy(&self.world, &address);
                (schedule.is_sealed(), schedule.count)
            }
            Uploaded::Details => {
                self.details = stage;
                let address = self.start.fixture().details_of(self.number());
                let details: PlanDetails = read_zero_copy(&self.world, &address);
                (details.is_sealed(), details.count)
            }
        };
        assert_eq!(is_sealed, stage == Stage::Sealed);
        if let Stage::Open(entries) = stage {
            assert_eq!(usize::try_from(count).unwrap(), entries);
        }
    }

    /// The account is gone, and all that was in it is with who opened it.
    pub fn note_closed(&mut self, what: Uploaded, rent: &Rent) {
        assert_eq!(self.lamports(&rent.account), 0);
        assert_eq!(self.lamports(&rent.to), rent.both, "the rent is elsewhere");
        match what {
            Uploaded::Schedule => self.schedule.0 = Stage::None,
            Uploaded::Details => self.details = Stage::None,
        }
    }
}

/// What closes an account, with the rent to somebody who has not opened it.
fn to_another(mut close: Instruction, way: &ClaimsFixture) -> Instruction {
    let opener = way.staff.key().pubkey();
    let named = close.accounts.iter_mut().rev();
    let mut named = named.filter(|meta| meta.pubkey == opener);
    named.next().unwrap().pubkey = way.clerk.key().pubkey();
    close
}
