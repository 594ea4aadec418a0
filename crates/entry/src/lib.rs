//! How Galen's programs are entered, in place of the entry point that Anchor generates (decision 20).
//!
//! What an instruction and its accounts are is read as `solana_program_entrypoint` reads it, and given to Anchor's `entry`,
//! which dispatches and checks everything as before. What differs is cost: an account takes a third of the compute units,
//! nothing is torn down at the end, and the call by which a program writes an event to the ledger, which has nothing to do
//! but prove who made it, ends at the door.
//!
//! The only crate of the repository's programs with unsafe code: the machine hands over one stretch of memory.

mod call;
mod event;
mod heap;
mod raw;

use std::cell::RefCell;
use std::mem::ManuallyDrop;
use std::rc::Rc;

use anchor_lang::event::EVENT_IX_TAG_LE;
use anchor_lang::prelude::{AccountInfo, Pubkey};
use anchor_lang::solana_program::entrypoint::ProgramResult;

pub use anchor_lang::solana_program::entrypoint::custom_panic_default;
pub use call::invoke_for_each;
pub use event::write_event;
pub use heap::Heap;
pub use raw::{Many, RawAccount};

/// Marks an account that has not been given before.
const FIRST: u8 = u8::MAX;

/// Bytes by which an account may grow, kept free behind its data.
const ROOM_TO_GROW: usize = 10_240;

/// Alignment of what follows an account's data.
const ALIGN: usize = 8;

/// Bytes of a repeated account: the place of the first, padded.
const REPEATED: usize = 8;

/// Where the parts of an account lie, from its marker on.
mod at {
    pub const IS_SIGNER: usize = 1;
    pub const IS_WRITABLE: usize = 2;
    pub const IS_EXECUTABLE: usize = 3;
    /// Where the length that the data had at first is kept, for `AccountInfo::resize`.
    pub const ORIGINAL_LENGTH: usize = 4;
    pub const KEY: usize = 8;
    pub const OWNER: usize = 40;
    pub const LAMPORTS: usize = 72;
    pub const LENGTH: usize = 80;
    pub const DATA: usize = 88;
}

/// Defines the program's entry point, and its heap.
#[macro_export]
// The program's own authority, not this crate's.
#[allow(clippy::crate_in_macro_def)]
macro_rules! entrypoint {
    ($process:path $(, $many:path)?) => {
        /// # Safety
        /// `input` is what the machine hands over.
        #[no_mangle]
        pub unsafe extern "C" fn entrypoint(input: *mut u8) -> u64 {
            let many: Option<&$crate::Many> = None$(.or(Some(&$many)))?;
            $crate::enter(input, &crate::EVENT_AUTHORITY_AND_BUMP.0, $process, many)
        }

        #[cfg(target_os = "solana")]
        #[global_allocator]
        static HEAP: $crate::Heap = $crate::Heap;

        $crate::custom_panic_default!();
    };
}

/// An instruction as it was handed over.
pub struct Input {
    /// The program that runs.
    pub program_id: &'static Pubkey,
    /// Its accounts.
    pub accounts: Vec<AccountInfo<'static>>,
    /// Its data.
    pub data: &'static [u8],
}

/// What a program runs an instruction with.
pub type Process =
    fn(&'static Pubkey, &'static [AccountInfo<'static>], &'static [u8]) -> ProgramResult;

/// Runs an instruction: 0, or the number of its error. One that takes many accounts (`many`) has a way of its own.
///
/// # Safety
/// `input` is what the machine hands over: an instruction in the loader's format, which nothing else refers to and which
/// lasts as long as the program runs.
#[inline(always)]
pub unsafe fn enter(
    input: *mut u8,
    event_authority: &Pubkey,
    process: Process,
    many: Option<&Many>,
) -> u64 {
    if is_event(input, event_authority) {
        return 0;
    }
    #[cfg(target_os = "solana")]
    Heap::begin();
    let result = match many {
        Some(many) => raw::run(input, many, process),
        None => finish(read(input), process),
    };
    match result {
        Ok(()) => 0,
        Err(error) => error.into(),
    }
}

/// Runs what was read. It is never torn down: the machine forgets everything at once.
///
/// # Safety
/// As [`enter`].
#[inline(always)]
unsafe fn finish(input: Input, process: Process) -> ProgramResult {
    let input = ManuallyDrop::new(input);
    let accounts: *const [AccountInfo<'static>] = input.accounts.as_slice();
    // SAFETY: the list is never dropped, and the heap never gives back what it gave.
    process(input.program_id, &*accounts, input.data)
}

/// Whether this is the program's own call to itself that carries an event: one account, the authority for which only the
/// program can sign, and the tag. Anchor checks the same and does nothing more. Anything else goes the usual way.
///
/// # Safety
/// As [`enter`].
#[inline(always)]
unsafe fn is_event(input: *mut u8, event_authority: &Pubkey) -> bool {
    let account = input.add(size_of::<u64>());
    // The first account is never a repeated one.
    if number(input) != 1 || *account.add(at::IS_SIGNER) == 0 {
        return false;
    }
    let after = behind(account, number(account.add(at::LENGTH)));
    let data = std::slice::from_raw_parts(after.add(size_of::<u64>()), number(after));
    data.starts_with(EVENT_IX_TAG_LE) && *account.add(at::KEY).cast::<Pubkey>() == *event_authority
}

/// Reads an instruction, as `solana_program_entrypoint::deserialize` does.
///
/// # Safety
/// As [`enter`].
#[inline(always)]
pub unsafe fn read(input: *mut u8) -> Input {
    let count = number(input);
    let mut accounts: Vec<AccountInfo<'static>> = Vec::with_capacity(count);
    let end = take(&mut accounts, input.add(size_of::<u64>()), count);
    rest(end, accounts)
}

/// Reads accounts up to the one at place `count`, beginning with the one at `next`. Returns where the following one begins.
///
/// # Safety
/// As [`enter`]; `accounts` has room for them, and has those before.
#[inline(always)]
unsafe fn take(accounts: &mut Vec<AccountInfo<'static>>, next: *mut u8, count: usize) -> *mut u8 {
    let list = accounts.as_mut_ptr();
    let mut next = next;
    let mut index = accounts.len();
    while index < count {
        let marker = *next;
        if marker == FIRST {
            let length = number(next.add(at::LENGTH));
            // SAFETY: `index` is below the capacity.
            list.add(index).write(account(next, length));
            next = behind(next, length);
        } else {
            // SAFETY: what is repeated comes before.
            let first = (*list.add(usize::from(marker))).clone();
            list.add(index).write(first);
            next = next.add(REPEATED);
        }
        index = index.wrapping_add(1);
    }
    // SAFETY: so many have been written.
    accounts.set_len(count);
    next
}

/// What follows the accounts: the instruction's data and the program.
///
/// # Safety
/// As [`enter`]; `next` lies behind the accounts.
#[inline(always)]
unsafe fn rest(next: *mut u8, accounts: Vec<AccountInfo<'static>>) -> Input {
    let length = number(next);
    let data = next.add(size_of::<u64>());
    Input {
        program_id: &*data.add(length).cast::<Pubkey>(),
        accounts,
        data: std::slice::from_raw_parts(data, length),
    }
}

/// The account that begins at `start` and has so many bytes of data.
///
/// # Safety
/// As [`enter`]; `start` is the marker of an account that has not been given before.
// One of the fields that have to be filled in is deprecated.
#[allow(deprecated)]
#[inline(always)]
unsafe fn account(start: *mut u8, length: usize) -> AccountInfo<'static> {
    // Accounts are shorter than 2^32 bytes.
    #[allow(clippy::cast_possible_truncation)]
    start
        .add(at::ORIGINAL_LENGTH)
        .cast::<u32>()
        .write(length as u32);
    let lamports = &mut *start.add(at::LAMPORTS).cast::<u64>();
    let data = std::slice::from_raw_parts_mut(start.add(at::DATA), length);
    // In this order: what is read before the two requests for memory has to be kept somewhere meanwhile.
    AccountInfo {
        lamports: Rc::new(RefCell::new(lamports)),
        data: Rc::new(RefCell::new(data)),
        key: &*start.add(at::KEY).cast::<Pubkey>(),
        owner: &*start.add(at::OWNER).cast::<Pubkey>(),
        _unused: 0,
        is_signer: flag(start.add(at::IS_SIGNER)),
        is_writable: flag(start.add(at::IS_WRITABLE)),
        executable: flag(start.add(at::IS_EXECUTABLE)),
    }
}

/// A flag of an account: the machine writes 0 or 1, so its lowest bit says it, in two steps fewer than a comparison.
///
/// # Safety
/// As [`enter`].
#[inline(always)]
unsafe fn flag(at: *const u8) -> bool {
    at.read() & 1 != 0
}

/// What follows the account that begins at `start` and has so many bytes of data: room to grow, padding, and a number
/// that is no longer used.
///
/// # Safety
/// As [`enter`].
#[inline(always)]
unsafe fn behind(start: *mut u8, length: usize) -> *mut u8 {
    let end = start.add(at::DATA).add(length).add(ROOM_TO_GROW);
    let padded = (end.addr().wrapping_add(ALIGN - 1) & !(ALIGN - 1)).wrapping_sub(end.addr());
    end.add(padded).add(size_of::<u64>())
}

/// A number of eight bytes.
///
/// # Safety
/// As [`enter`].
#[inline(always)]
unsafe fn number(at: *const u8) -> usize {
    // The machine has addresses of 64 bits.
    #[allow(clippy::cast_possible_truncation)]
    let number = at.cast::<u64>().read() as usize;
    number
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchor_lang::solana_program::entrypoint;

    const AUTHORITY: Pubkey = Pubkey::new_from_array([9; 32]);

    /// An instruction in the loader's format.
    struct Encoded(Vec<u64>);

    /// An account to be given: key, whether it signs, data.
    type Given<'a> = (Pubkey, bool, &'a [u8]);

    impl Encoded {
        /// `Err(n)` is the account at place `n` again.
        fn new(accounts: &[Result<Given, u8>], data: &[u8]) -> Self {
            let mut bytes = Vec::new();
            bytes.extend(u64::try_from(accounts.len()).expect("few").to_le_bytes());
            for (index, account) in accounts.iter().enumerate() {
                match account {
                    Err(first) => bytes.extend([*first, 0, 0, 0, 0, 0, 0, 0]),
                    Ok((key, is_signer, content)) => {
                        let is_odd = u8::from(index % 2 == 1);
                        bytes.extend([FIRST, u8::from(*is_signer), is_odd, 1 - is_odd]);
                        bytes.extend([0; 4]);
                        bytes.extend(key.to_bytes());
                        bytes.extend([7; 32]);
                        bytes.extend(1_000_u64.to_le_bytes());
                        bytes.extend(u64::try_from(content.len()).expect("few").to_le_bytes());
                        bytes.extend(*content);
                        bytes.extend([0; ROOM_TO_GROW]);
                        bytes.resize(bytes.len().next_multiple_of(ALIGN), 0);
                        bytes.extend([0; 8]);
                    }
                }
            }
            bytes.extend(u64::try_from(data.len()).expect("few").to_le_bytes());
            bytes.extend(data);
            bytes.extend([5; 32]);
            bytes.resize(bytes.len().next_multiple_of(ALIGN), 0);
            // Aligned, as the machine's memory is.
            let words = bytes
                .chunks_exact(8)
                .map(|word| u64::from_le_bytes(word.try_into().expect("eight")));
            Self(words.collect())
        }

        fn start(&mut self) -> *mut u8 {
            self.0.as_mut_ptr().cast()
        }
    }

    fn key(number: u8) -> Pubkey {
        Pubkey::new_from_array([number; 32])
    }

    /// Reads an instruction in both ways.
    fn assert_alike(accounts: &[Result<Given, u8>], ours: &mut Encoded, theirs: &mut Encoded) {
        // SAFETY: both are in the loader's format and outlive what is read.
        let read = unsafe { read(ours.start()) };
        let (program_id, expected, expected_data) =
            unsafe { entrypoint::deserialize(theirs.start()) };
        assert_eq!(read.program_id, program_id);
        assert_eq!(read.data, expected_data);
        assert_eq!(read.accounts.len(), accounts.len());
        for (ours, theirs) in read.accounts.iter().zip(&expected) {
            assert_eq!(ours.key, theirs.key);
            assert_eq!(ours.owner, theirs.owner);
            assert_eq!(ours.is_signer, theirs.is_signer);
            assert_eq!(ours.is_writable, theirs.is_writable);
            assert_eq!(ours.executable, theirs.executable);
            assert_eq!(ours.lamports(), theirs.lamports());
            assert_eq!(*ours.data.borrow(), *theirs.data.borrow());
            // SAFETY: both were read from an instruction.
            let lengths = unsafe { (ours.original_data_len(), theirs.original_data_len()) };
            assert_eq!(lengths.0, lengths.1);
        }
        // What is given twice is one account.
        for (index, account) in accounts.iter().enumerate() {
            if let Err(first) = account {
                let first = &read.accounts[usize::from(*first)];
                assert!(std::rc::Rc::ptr_eq(&first.data, &read.accounts[index].data));
            }
        }
    }

    #[test]
    fn an_instruction_is_read_as_solanas_own_entry_point_reads_it() {
        let cases: [&[Result<Given, u8>]; 4] = [
            &[],
            &[Ok((key(1), true, b""))],
            &[
                Ok((key(1), false, b"1234567")),
                Ok((key(2), true, b"12345678")),
                Err(0),
                Ok((key(3), false, &[3; 1_001])),
                Err(3),
                Err(0),
            ],
            &[Ok((AUTHORITY, true, b"x")), Err(0)],
        ];
        for accounts in cases {
            for data in [&b""[..], b"1", b"12345678", &[8; 1_000]] {
                let mut ours = Encoded::new(accounts, data);
                let mut theirs = Encoded::new(accounts, data);
                assert_alike(accounts, &mut ours, &mut theirs);
            }
        }
    }

    /// Numbers that are the same in each run (SplitMix64).
    struct Dice(u64);

    impl Dice {
        fn below(&mut self, end: u64) -> usize {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = self.0;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            usize::try_from((z ^ (z >> 31)) % end).expect("64 bits")
        }
    }

    /// As many accounts as a transaction has, in any order, any of them several times, with data of every length within a
    /// stretch of the alignment and some longer ones.
    #[test]
    fn whatever_a_transaction_can_bring_is_read_as_solanas_own_entry_point_reads_it() {
        const MOST: usize = 64;
        let contents: Vec<Vec<u8>> = (0..MOST)
            .map(|length| vec![u8::try_from(length).expect("few"); length])
            .chain([255, 256, 1_001, 10_239].map(|length| vec![1; length]))
            .collect();
        let mut dice = Dice(3);
        for round in 0..400 {
            // The first rounds have every number of accounts once.
            let count = if round <= MOST {
                round
            } else {
                dice.below(MOST as u64 + 1)
            };
            let mut accounts: Vec<Result<Given, u8>> = Vec::with_capacity(count);
            for index in 0..count {
                let repeated = index > 0 && dice.below(4) == 0;
                accounts.push(if repeated {
                    // Of the first time, never of a repetition: as the machine hands them over.
                    let earlier = dice.below(index as u64);
                    match &accounts[earlier] {
                        Ok(_) => Err(u8::try_from(earlier).expect("few")),
                        Err(first) => Err(*first),
                    }
                } else {
                    let number = u8::try_from(index).expect("few");
                    let content = &contents[dice.below(contents.len() as u64)];
                    Ok((key(number), dice.below(2) == 0, content.as_slice()))
                });
            }
            let data = vec![9; dice.below(40)];
            let mut ours = Encoded::new(&accounts, &data);
            let mut theirs = Encoded::new(&accounts, &data);
            assert_alike(&accounts, &mut ours, &mut theirs);
        }
    }

    #[test]
    fn only_an_event_signed_by_the_authority_ends_at_the_door() {
        let event = [EVENT_IX_TAG_LE, b"fields"].concat();
        let is_event = |accounts: &[Result<Given, u8>], data: &[u8]| {
            let mut input = Encoded::new(accounts, data);
            // SAFETY: in the loader's format.
            unsafe { is_event(input.start(), &AUTHORITY) }
        };
        assert!(is_event(&[Ok((AUTHORITY, true, b""))], &event));
        assert!(is_event(&[Ok((AUTHORITY, true, b"123"))], &event));
        assert!(!is_event(&[Ok((AUTHORITY, false, b""))], &event));
        assert!(!is_event(&[Ok((key(1), true, b""))], &event));
        assert!(!is_event(&[], &event));
        let twice = [Ok((AUTHORITY, true, &b""[..])), Err(0)];
        assert!(!is_event(&twice, &event));
        for data in [&b""[..], &event[..7], b"12345678fields"] {
            assert!(!is_event(&[Ok((AUTHORITY, true, b""))], data));
        }
    }

    /// What a program was run with: the named accounts, the others, and whether they were left where they are.
    #[derive(Debug, Default, PartialEq)]
    struct Ran {
        keys: Vec<Pubkey>,
        others: Vec<(Pubkey, bool, Vec<u8>)>,
        left: bool,
    }

    std::thread_local! {
        static RAN: RefCell<Ran> = RefCell::default();
    }

    const NAMED: usize = 3;

    const MANY: Many = Many {
        named: NAMED,
        is_its: |data| data.starts_with(b"many"),
        process: |_, accounts, others, _| {
            let seen = |one: &RawAccount| {
                let owned = one.is_owned_by(&key(7)) && !one.is_owned_by(&key(8));
                (*one.key(), owned, one.look(<[u8]>::to_vec))
            };
            RAN.set(Ran {
                keys: accounts.iter().map(|account| *account.key).collect(),
                others: others.iter().map(seen).collect(),
                left: true,
            });
            Ok(())
        },
    };

    fn as_always(
        _: &'static Pubkey,
        accounts: &'static [AccountInfo<'static>],
        _: &'static [u8],
    ) -> ProgramResult {
        let (named, others) = accounts.split_at(NAMED.min(accounts.len()));
        let seen = |one: &AccountInfo| (*one.key, *one.owner == key(7), one.data.borrow().to_vec());
        RAN.set(Ran {
            keys: named.iter().map(|account| *account.key).collect(),
            others: others.iter().map(seen).collect(),
            left: false,
        });
        Ok(())
    }

    /// Whatever is given, both ways see the same accounts; they are left where they are if, and only if, the instruction is the one
    /// that takes many, it has some, and none of them is a named one.
    #[test]
    fn many_accounts_are_left_where_they_are() {
        let mut dice = Dice(5);
        let (mut left, mut repeated_named) = (0, 0);
        for _ in 0..600 {
            let count = dice.below(12);
            let mut accounts: Vec<Result<Given, u8>> = Vec::with_capacity(count);
            for index in 0..count {
                let earlier = dice.below(index.max(1) as u64);
                accounts.push(match accounts.get(earlier) {
                    Some(first) if dice.below(6) == 0 => match first {
                        Ok(_) => Err(u8::try_from(earlier).expect("few")),
                        Err(first) => Err(*first),
                    },
                    _ => Ok((key(u8::try_from(index).expect("few")), false, &b"12345"[..])),
                });
            }
            let names_one = accounts
                .iter()
                .skip(NAMED)
                .any(|account| matches!(account, Err(first) if usize::from(*first) < NAMED));
            for data in [&b"many"[..], b"few"] {
                let (mut ours, mut theirs) =
                    (Encoded::new(&accounts, data), Encoded::new(&accounts, data));
                // SAFETY: both are in the loader's format and outlive what is read.
                unsafe {
                    raw::run(ours.start(), &MANY, as_always).expect("run");
                }
                let ran = RAN.take();
                unsafe {
                    finish(read(theirs.start()), as_always).expect("run");
                }
                let wanted = Ran {
                    left: data == b"many" && count > NAMED && !names_one,
                    ..RAN.take()
                };
                assert_eq!(ran, wanted);
                left += u8::from(ran.left && left < 100);
                repeated_named += u8::from(names_one && repeated_named < 100);
            }
        }
        assert!(left == 100 && repeated_named == 100);
    }

    /// What is handed on to another program is the account itself.
    #[test]
    fn an_account_is_handed_on_as_it_lies() {
        let accounts: [Result<Given, u8>; 2] =
            [Ok((key(1), true, b"123")), Ok((key(2), true, b"4567"))];
        let mut ours = Encoded::new(&accounts, b"");
        let start = ours.start().addr();
        // SAFETY: in the loader's format, and read once.
        let read = unsafe { read(ours.start()) };
        for account in &read.accounts {
            let made = call::Info::of(account).expect("not borrowed");
            // SAFETY: this is where the account lies.
            let raw = unsafe { RawAccount::at(account.key.as_array().as_ptr().sub(at::KEY)) };
            let lies = raw.info();
            assert_eq!(
                (
                    made.key,
                    made.lamports,
                    made.length,
                    made.data,
                    made.owner,
                    made.flags
                ),
                (
                    lies.key,
                    lies.lamports,
                    lies.length,
                    lies.data,
                    lies.owner,
                    lies.flags
                )
            );
            assert!(lies.data.addr() > start);
            assert_eq!(lies.flags & 1, 1);
        }
        assert_eq!(
            call::Info::of(&read.accounts[1]).expect("there").flags,
            0x0101
        );
    }
}
