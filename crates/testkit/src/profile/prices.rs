//! What syscalls cost: each is replaced by one that reads the meter before and after.

use std::cell::RefCell;
use std::marker::PhantomData;
use std::ops::Range;

use solana_program_runtime::invoke_context::InvokeContext;
use solana_program_runtime::solana_sbpf::program::{BuiltinFunctionDefinition, BuiltinProgram};
use solana_program_runtime::solana_sbpf::vm::ContextObject;

/// What one syscall cost.
#[derive(Clone, Debug)]
pub struct Price {
    /// The instruction that made it, by its place in the transaction's trace of instructions.
    pub run: usize,
    /// Its name.
    pub name: &'static str,
    /// Compute units, those of called programs included.
    pub units: u64,
    /// The instructions that it made others run, by their places in the trace.
    pub calls: Range<usize>,
}

thread_local! {
    static PRICES: RefCell<Vec<Price>> = const { RefCell::new(Vec::new()) };
}

/// Takes what was noted on this thread since the last time.
pub fn take() -> Vec<Price> {
    PRICES.take()
}

/// A syscall with a name.
trait Named {
    const NAME: &'static str;
}

/// A syscall that notes what it cost.
struct Priced<S>(PhantomData<S>);

impl<'a, 'b, S> BuiltinFunctionDefinition<InvokeContext<'a, 'b>> for Priced<S>
where
    S: BuiltinFunctionDefinition<InvokeContext<'a, 'b>> + Named,
{
    type Error = S::Error;

    fn rust(
        context: &mut InvokeContext<'a, 'b>,
        a: u64,
        b: u64,
        c: u64,
        d: u64,
        e: u64,
    ) -> Result<u64, Self::Error> {
        let current = context
            .transaction_context
            .get_current_instruction_context();
        let run = current.map_or(0, |instruction| instruction.get_index_in_trace());
        let first = context.transaction_context.get_instruction_trace_length();
        let before = context.get_remaining();
        let result = S::rust(context, a, b, c, d, e);
        let price = Price {
            run,
            name: S::NAME,
            units: before.saturating_sub(context.get_remaining()),
            calls: first..context.transaction_context.get_instruction_trace_length(),
        };
        PRICES.with_borrow_mut(|prices| prices.push(price));
        result
    }
}

macro_rules! priced {
    ($($name:literal $syscall:ident,)*) => {
        $(impl Named for solana_syscalls::$syscall {
            const NAME: &'static str = $name;
        })*

        /// Replaces the syscalls of `loader` by ones that note their price. Hashing is not among them: its types cannot
        /// be named. What it cost is what is left of its program's units.
        pub fn note(loader: &mut BuiltinProgram<InvokeContext<'static, 'static>>) {
            $(if loader.unregister_function($name) {
                loader
                    .register_definition::<Priced<solana_syscalls::$syscall>>($name)
                    .expect("the name has just been given up");
            })*
        }
    };
}

priced! {
    "sol_log_" SyscallLog,
    "sol_log_64_" SyscallLogU64,
    "sol_log_pubkey" SyscallLogPubkey,
    "sol_log_compute_units_" SyscallLogBpfComputeUnits,
    "sol_log_data" SyscallLogData,
    "sol_create_program_address" SyscallCreateProgramAddress,
    "sol_try_find_program_address" SyscallTryFindProgramAddress,
    "sol_get_clock_sysvar" SyscallGetClockSysvar,
    "sol_get_rent_sysvar" SyscallGetRentSysvar,
    "sol_get_sysvar" SyscallGetSysvar,
    "sol_memcpy_" SyscallMemcpy,
    "sol_memmove_" SyscallMemmove,
    "sol_memset_" SyscallMemset,
    "sol_memcmp_" SyscallMemcmp,
    "sol_get_processed_sibling_instruction" SyscallGetProcessedSiblingInstruction,
    "sol_get_stack_height" SyscallGetStackHeight,
    "sol_set_return_data" SyscallSetReturnData,
    "sol_get_return_data" SyscallGetReturnData,
    "sol_invoke_signed_c" SyscallInvokeSignedC,
    "sol_invoke_signed_rust" SyscallInvokeSignedRust,
    "sol_remaining_compute_units" SyscallRemainingComputeUnits,
}
