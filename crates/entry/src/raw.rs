//! Accounts left where the machine put them, for an instruction that takes many of one kind (decision 48): to make an
//! `AccountInfo` of each takes more than to look at it.

use std::mem::ManuallyDrop;

use anchor_lang::prelude::{AccountInfo, Pubkey};
use anchor_lang::solana_program::entrypoint::ProgramResult;

use crate::call::Info;
use crate::{at, behind, finish, number, rest, take, Process, FIRST, REPEATED};

/// An account of which no `AccountInfo` was made.
#[derive(Clone, Copy)]
pub struct RawAccount {
    /// Its marker.
    start: *const u8,
}

impl RawAccount {
    /// The account whose marker lies at `start`.
    ///
    /// # Safety
    /// As [`crate::enter`]: `start` is the marker of an account that has not been given before, and nobody refers to it while
    /// this one is used.
    #[inline(always)]
    pub(crate) unsafe fn at(start: *const u8) -> Self {
        Self { start }
    }

    /// Its address.
    #[inline(always)]
    pub fn key(&self) -> &'static Pubkey {
        // SAFETY: nobody writes an address.
        unsafe { &*self.start.add(at::KEY).cast::<Pubkey>() }
    }

    /// Whether it belongs to this program.
    #[inline(always)]
    pub fn is_owned_by(&self, program: &Pubkey) -> bool {
        // SAFETY: the reference ends here, before any program is called.
        unsafe { *self.start.add(at::OWNER).cast::<Pubkey>() == *program }
    }

    /// Looks at its data.
    #[inline(always)]
    pub fn look<R>(&self, at_data: impl FnOnce(&[u8]) -> R) -> R {
        // SAFETY: only programs that are called write to it, and `at_data` keeps nothing of it until then.
        at_data(unsafe {
            let length = number(self.start.add(at::LENGTH));
            std::slice::from_raw_parts(self.start.add(at::DATA), length)
        })
    }

    /// As it is handed on to another program.
    #[inline(always)]
    pub(crate) fn info(&self) -> Info {
        // SAFETY: these are places within the account, and what is read ends here.
        unsafe {
            Info {
                key: self.start.add(at::KEY).cast(),
                lamports: self.start.add(at::LAMPORTS).cast(),
                length: self.start.add(at::LENGTH).cast::<u64>().read(),
                data: self.start.add(at::DATA),
                owner: self.start.add(at::OWNER).cast(),
                rent_epoch: 0,
                // The marker, then the three flags, then four bytes of its length.
                flags: u64::from(self.start.cast::<u32>().read() >> u8::BITS),
            }
        }
    }
}

/// An instruction that takes many accounts of one kind behind those that it names.
pub struct Many {
    /// How many it names.
    pub named: usize,
    /// Whether an instruction's data is its.
    pub is_its: fn(&[u8]) -> bool,
    /// Runs it.
    pub process: ProcessMany,
}

/// What runs an instruction that takes many accounts: those that it names, the others, its data.
pub type ProcessMany = fn(
    &'static Pubkey,
    &'static [AccountInfo<'static>],
    &'static [RawAccount],
    &'static [u8],
) -> ProgramResult;

/// Runs an instruction: as `many` has it where it is that one and none of the many accounts is one of the named, else as `process` has it.
///
/// # Safety
/// As [`crate::enter`].
#[inline(always)]
pub(crate) unsafe fn run(input: *mut u8, many: &Many, process: Process) -> ProgramResult {
    let count = number(input);
    let mut accounts: Vec<AccountInfo<'static>> = Vec::with_capacity(count);
    let named = count.min(many.named);
    let behind_named = take(&mut accounts, input.add(size_of::<u64>()), named);
    if count > named {
        if let Some((others, end)) = walk(behind_named, named, count) {
            let read = ManuallyDrop::new(rest(end, Vec::new()));
            if (many.is_its)(read.data) {
                let accounts = ManuallyDrop::new(accounts);
                let others = ManuallyDrop::new(others);
                let named: *const [AccountInfo<'static>] = accounts.as_slice();
                let others: *const [RawAccount] = others.as_slice();
                // SAFETY: neither list is ever dropped, and the heap never gives back what it gave. Of what lies in
                // `others` no reference is left when a program is called, and no `AccountInfo` was made.
                return (many.process)(read.program_id, &*named, &*others, read.data);
            }
        }
    }
    let end = take(&mut accounts, behind_named, count);
    finish(rest(end, accounts), process)
}

/// The accounts from the one at `next`, which has the place `named`, to the last, and where that ends. None where one of them is
/// one that was named: of that there is an `AccountInfo`.
///
/// # Safety
/// As [`crate::enter`].
#[inline(always)]
unsafe fn walk(next: *mut u8, named: usize, count: usize) -> Option<(Vec<RawAccount>, *mut u8)> {
    let length = count.wrapping_sub(named);
    let mut others: Vec<RawAccount> = Vec::with_capacity(length);
    let list = others.as_mut_ptr();
    let mut next = next;
    let mut index = 0;
    while index < length {
        let marker = *next;
        // SAFETY: `index` is below the capacity, and what is repeated comes before.
        if marker == FIRST {
            list.add(index).write(RawAccount::at(next));
            next = behind(next, number(next.add(at::LENGTH)));
        } else {
            let first = usize::from(marker).checked_sub(named)?;
            list.add(index).write(*list.add(first));
            next = next.add(REPEATED);
        }
        index = index.wrapping_add(1);
    }
    // SAFETY: so many have been written.
    others.set_len(length);
    Some((others, next))
}
