//! Being asked to stop: SIGINT, SIGTERM and SIGHUP set a flag that everything that waits looks at.
//!
//! Children run in process groups of their own, so the terminal's Ctrl-C reaches this process alone; it then stops
//! them in order, and no half-killed tree is left.

use crate::error::{Error, Result};
use std::sync::atomic::{AtomicI32, Ordering};

static SIGNAL: AtomicI32 = AtomicI32::new(0);

extern "C" fn remember(signal: libc::c_int) {
    SIGNAL.store(signal, Ordering::SeqCst);
}

/// Installs the handlers. Called once, before anything is started.
pub fn listen() {
    for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP] {
        // SAFETY: the handler only stores to an atomic, which is allowed in a signal handler.
        unsafe { libc::signal(signal, remember as *const () as libc::sighandler_t) };
    }
}

/// Fails if the task has been asked to stop.
pub fn check() -> Result<()> {
    match SIGNAL.load(Ordering::SeqCst) {
        0 => Ok(()),
        _ => Err(Error::interrupted()),
    }
}

/// The exit code of a task that was asked to stop: 128 + the signal, as shells have it.
pub fn exit_code() -> u8 {
    u8::try_from(128 + SIGNAL.load(Ordering::SeqCst)).unwrap_or(130)
}
