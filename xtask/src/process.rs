//! Child processes: each in a process group of its own that dies with us.

use crate::error::{Context, Error, Result};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

/// How long a child may take to end after it was asked to.
const GRACE: Duration = Duration::from_secs(8);

/// A running child. Dropping it stops it and everything it started.
pub struct Running {
    child: Child,
    released: bool,
}

impl Running {
    /// Starts `command` in a new process group. `tied`: the kernel kills it when this process dies, however it dies.
    pub fn start(command: &mut Command, tied: bool) -> Result<Self> {
        command.process_group(0);
        if tied {
            let parent = std::process::id();
            // SAFETY: prctl and getppid are async-signal-safe, and nothing is allocated between fork and exec.
            unsafe {
                command.pre_exec(move || {
                    libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
                    // The parent may have died before the line above took effect.
                    if libc::getppid() as u32 != parent {
                        libc::_exit(1);
                    }
                    Ok(())
                });
            }
        }
        let name = command.get_program().to_string_lossy().into_owned();
        let child = command.spawn().map_err(|error| {
            let message = format!("cannot start {name}: {error}");
            match error.kind() {
                std::io::ErrorKind::NotFound => {
                    Error::new(message).help(format!("install {name}, or put it on the PATH"))
                }
                _ => Error::new(message),
            }
        })?;
        Ok(Self {
            child,
            released: false,
        })
    }

    /// The process id, which is also the id of its group.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The pipes of the child.
    pub fn pipes(&mut self) -> &mut Child {
        &mut self.child
    }

    /// The exit status, if it has ended.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        self.child
            .try_wait()
            .context(|| "wait for a child process".into())
    }

    /// Lets the child live on after this process.
    pub fn release(mut self) -> u32 {
        self.released = true;
        self.id()
    }

    fn signal_group(&self, signal: libc::c_int) {
        if let Ok(group) = libc::pid_t::try_from(self.child.id()) {
            // SAFETY: the child has not been waited for, or its group is still ours: the id cannot have been reused
            // by a group that we did not start while a member of it lives.
            unsafe { libc::kill(-group, signal) };
        }
    }

    /// Asks the child to end, waits, and kills what is left of its group.
    pub fn stop(&mut self) {
        if matches!(self.child.try_wait(), Ok(Some(_))) {
            return;
        }
        self.signal_group(libc::SIGTERM);
        let asked = Instant::now();
        while asked.elapsed() < GRACE {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        self.signal_group(libc::SIGKILL);
        let _ = self.child.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.released {
            self.stop();
        }
    }
}

/// What cargo sets for the program it runs and what must not reach what we run in turn: build scripts (ring's, for
/// one) look at it, and everything that depends on them would be compiled again.
pub fn clean_own_environment() {
    let own: Vec<_> = std::env::vars_os()
        .map(|(name, _)| name)
        .filter(|name| {
            let name = name.to_string_lossy();
            [
                "CARGO_PKG_",
                "CARGO_MANIFEST_",
                "CARGO_BIN_",
                "CARGO_PRIMARY_",
                "CARGO_CRATE_",
            ]
            .iter()
            .any(|prefix| name.starts_with(prefix))
        })
        .collect();
    for name in own {
        // SAFETY: called first thing in main, while this is the only thread.
        unsafe { std::env::remove_var(name) };
    }
}
