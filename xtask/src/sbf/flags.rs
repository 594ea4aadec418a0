//! The flags of the registry-only way. One set for everything that is linked into a program: std is rebuilt when they
//! change.

use std::path::Path;

/// Arguments of cargo beside `--target`.
pub const CARGO: [&str; 4] = [
    "--release",
    "-Zjson-target-spec",
    "-Zbuild-std=std,panic_abort",
    "-Zbuild-std-features=optimize_for_size",
];

/// The release profile, by environment variable so that host builds do not inherit it.
pub const PROFILE: [(&str, &str); 4] = [
    ("CARGO_PROFILE_RELEASE_LTO", "fat"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "1"),
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "3"),
    ("CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS", "true"),
];

/// Variables of the user that would change or break the build.
pub const REMOVED: [&str; 9] = [
    "RUSTFLAGS",
    "CARGO_BUILD_RUSTFLAGS",
    "CARGO_BUILD_TARGET",
    "CARGO_INCREMENTAL",
    "CARGO_BUILD_INCREMENTAL",
    "CARGO_PROFILE_RELEASE_PANIC",
    "CARGO_PROFILE_RELEASE_DEBUG",
    "CARGO_PROFILE_RELEASE_STRIP",
    "RUSTUP_TOOLCHAIN",
];

/// What the programs use of the runtime libraries. The linker keeps only what is named.
pub const EXPORTS: &str = "--export=__multi3,__udivti3,__umodti3,__divti3,__modti3,__adddf3,__subdf3,__negdf2,__muldf3,__divdf3,\
__floatundidf,__fixunsdfdi,__gedf2,__gtdf2,memcpy,memcmp,memset,memmove,bcmp,entrypoint";

/// The size, in LLVM's units of cost, above which a function is not inlined.
const INLINE_THRESHOLD: u32 = 100;

/// Flags of rustc; `linker` is the wrapper that starts sbpf-linker.
pub fn rustc(linker: &Path) -> Vec<String> {
    let mut flags: Vec<String> = [
        // Solana's crates choose syscalls by these two.
        "--cfg=target_os=\"solana\"",
        "--cfg=target_feature=\"static-syscalls\"",
        "-Aexplicit_builtin_cfgs_in_flags",
        "-Aunexpected_cfgs",
        "-Zunstable-options",
        "-Cpanic=immediate-abort",
        "-Crelocation-model=static",
        // The machine has no atomic instructions; it runs one thread, so plain loads and stores are right.
        "-Cpasses=lower-atomic",
        "-Ctarget-cpu=v4",
        "-Ctarget-feature=+allows-misaligned-mem-access",
        "-Clink-arg=--arch=v3",
    ]
    .map(String::from)
    .into();
    flags.push(format!("-Clinker={}", linker.display()));
    // A function larger than this is called rather than copied into its callers. The compiler's own figure, 275, makes
    // the programs a third larger for 1% of their compute units.
    flags.push(format!("-Cllvm-args=-inline-threshold={INLINE_THRESHOLD}"));
    flags.push(format!(
        "-Clink-arg=--llvm-args=-inline-threshold={INLINE_THRESHOLD}"
    ));
    // The frame size of the machine, and instructions of BPF that it does not have.
    for argument in [
        "-bpf-stack-size=4096",
        "--bpf-max-stores-per-memfunc=5",
        "--disable-gotox",
        "--disable-ldsx",
        "--disable-movsx",
        "--disable-bswap",
    ] {
        flags.push(format!("-Clink-arg=--llvm-args={argument}"));
    }
    flags
}
