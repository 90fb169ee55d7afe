//! A running program and its three pipes.

use super::lines::{LONGEST_LINE, LastWords, Lines, beginning, shortened};
use super::{Command, Deadline, GRACE, Trouble};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, ExitStatus, Stdio};
use std::time::Duration;

/// A running program. Dropped, it is ended.
#[derive(Debug)]
pub struct Program {
    child: Child,
    /// None of the three once it is closed.
    stdin: Option<ChildStdin>,
    stdout: Option<ChildStdout>,
    stderr: Option<ChildStderr>,
    lines: Lines,
    words: LastWords,
    status: Option<ExitStatus>,
}

/// What is read at once. Most answers are smaller; what is larger takes several reads.
const CHUNK: usize = 8 << 10;

impl Program {
    /// Starts a program in a process group of its own.
    pub fn start(command: &Command) -> Result<Self, Trouble> {
        let failed = |reason: String| Trouble::Start { command: command.to_string(), reason };
        let Some((name, arguments)) = command.words.split_first() else {
            return Err(failed("the command is empty".to_owned()));
        };
        let folder = std::path::absolute(&command.folder).or_else(|error| {
            if command.folder.as_os_str().is_empty() { std::env::current_dir() } else { Err(error) }
        });
        let folder = folder.map_err(|error| failed(format!("the working directory is gone: {error}")))?;
        if !folder.is_dir() {
            return Err(failed(format!("its folder `{}` does not exist", folder.display())));
        }
        // With a slash it is a path, which the folder completes; a bare name is looked for on the PATH.
        let path = if name.contains('/') { path_in(&folder, name) } else { name.into() };
        let mut child = std::process::Command::new(&path)
            .args(arguments)
            .current_dir(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .map_err(|error| failed(reason(name, &folder, &error)))?;
        let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let program = Self {
            child,
            stdin,
            stdout,
            stderr,
            lines: Lines::default(),
            words: LastWords::default(),
            status: None,
        };
        program.unblock().map_err(|error| failed(error.to_string()))?;
        Ok(program)
    }

    fn unblock(&self) -> io::Result<()> {
        fn set(pipe: Option<&impl AsFd>) -> io::Result<()> {
            let Some(pipe) = pipe else { return Ok(()) };
            Ok(fcntl_setfl(pipe, fcntl_getfl(pipe)? | OFlags::NONBLOCK)?)
        }
        set(self.stdin.as_ref())?;
        set(self.stdout.as_ref())?;
        set(self.stderr.as_ref())
    }

    /// Writes a line. A program that closed its input is not an error here: what it has to say is still to be read.
    pub fn send(&mut self, line: &str, deadline: Deadline) -> Result<(), Trouble> {
        let mut bytes = Vec::with_capacity(line.len() + 1);
        bytes.extend_from_slice(line.as_bytes());
        bytes.push(b'\n');
        let mut left = bytes.as_slice();
        loop {
            self.write(&mut left).map_err(Trouble::Pipe)?;
            if left.is_empty() || self.stdin.is_none() {
                return Ok(());
            }
            if self.lines.rest().len() > LONGEST_LINE {
                return Err(self.too_long());
            }
            let time = deadline.left();
            if time.is_zero() {
                return Err(Trouble::Silent { begun: self.begun() });
            }
            self.wait(true, time).map_err(Trouble::Pipe)?;
            self.read().map_err(Trouble::Pipe)?;
        }
    }

    /// Waits for a line, and returns it without its end.
    pub fn receive(&mut self, deadline: Deadline) -> Result<Vec<u8>, Trouble> {
        loop {
            if let Some(line) = self.lines.take() {
                return Ok(line);
            }
            if self.stdout.is_none() {
                return Err(self.gone());
            }
            if self.lines.rest().len() > LONGEST_LINE {
                return Err(self.too_long());
            }
            let time = deadline.left();
            if time.is_zero() {
                return Err(Trouble::Silent { begun: self.begun() });
            }
            self.wait(false, time).map_err(Trouble::Pipe)?;
            self.read().map_err(Trouble::Pipe)?;
        }
    }

    /// What it wrote without having been asked, if it did.
    pub fn unasked(&mut self) -> Result<Option<Vec<u8>>, Trouble> {
        self.read().map_err(Trouble::Pipe)?;
        let line = self.lines.take();
        Ok(line.or_else(|| Some(self.lines.rest().trim_ascii().to_vec()).filter(|rest| !rest.is_empty())))
    }

    /// The last lines of its standard error, each behind ` | `; empty if there are none.
    pub fn last_words(&self) -> String {
        self.words.text()
    }

    /// Closes its input, waits so long for it to exit, and kills what is left of its process group.
    pub fn end(&mut self, grace: Duration) {
        self.stdin = None;
        if self.status.is_some() {
            return;
        }
        self.wait_for_exit(Deadline::after(grace));
        // A group lives as long as any member, and until it is waited for the leader is one: its number cannot have
        // been given to anybody else. Whoever left the group cannot be reached.
        let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
        self.status = self.child.wait().ok();
    }

    /// The number of its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for the exit, without taking note of it; reads all the while, so that nobody waits to be read.
    fn wait_for_exit(&mut self, deadline: Deadline) -> bool {
        let mut pause = Duration::from_micros(200);
        loop {
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
            match waitid(WaitId::Pid(Pid::from_child(&self.child)), options) {
                Ok(Some(_)) => return true,
                Err(Errno::INTR) | Ok(None) => {}
                Err(_) => return false,
            }
            let left = deadline.left();
            if left.is_zero() || self.wait(false, left.min(pause)).is_err() || self.read().is_err() {
                return false;
            }
            // Output it still has is no reason to keep in memory.
            self.lines = Lines::default();
            pause = (pause * 2).min(Duration::from_millis(20));
        }
    }

    /// Its output has ended: how?
    fn gone(&mut self) -> Trouble {
        let begun = self.begun();
        let exited = self.wait_for_exit(Deadline::after(GRACE));
        self.end(Duration::ZERO);
        // What it still had to say, now that all who could say it are gone.
        let _ = self.read();
        let what = match self.status {
            Some(status) if exited => match (status.code(), status.signal()) {
                (Some(0), _) | (None, None) => "ended".to_owned(),
                (Some(code), _) => format!("ended with exit code {code}"),
                (None, Some(signal)) => format!("was ended by signal {signal}"),
            },
            _ => "closed its standard output".to_owned(),
        };
        Trouble::Gone { what, begun }
    }

    fn begun(&self) -> String {
        shortened(self.lines.rest().trim_ascii())
    }

    fn too_long(&self) -> Trouble {
        // Without the number of bytes, which depends on when they were counted.
        Trouble::TooLong { begun: beginning(self.lines.rest()) }
    }

    /// Waits until a pipe is ready or the time is up.
    fn wait(&self, writing: bool, time: Duration) -> io::Result<()> {
        let mut pipes = Vec::with_capacity(3);
        if let Some(stdin) = self.stdin.as_ref().filter(|_| writing) {
            pipes.push(PollFd::new(stdin, PollFlags::OUT));
        }
        pipes.extend(self.stdout.as_ref().map(|pipe| PollFd::new(pipe, PollFlags::IN)));
        pipes.extend(self.stderr.as_ref().map(|pipe| PollFd::new(pipe, PollFlags::IN)));
        // Some systems count timeouts in milliseconds of 32 bits; whoever waits longer than a day asks again.
        let time = time.min(Duration::from_hours(24));
        let time = Timespec { tv_sec: time.as_secs().cast_signed(), tv_nsec: time.subsec_nanos().into() };
        match poll(&mut pipes, Some(&time)) {
            // The caller looks at what is there and at the time that is left.
            Ok(_) | Err(Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes what fits.
    fn write(&mut self, left: &mut &[u8]) -> io::Result<()> {
        while let Some(stdin) = &mut self.stdin
            && !left.is_empty()
        {
            match stdin.write(left) {
                Ok(count) => *left = &left[count..],
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::BrokenPipe => self.stdin = None,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Reads what is there, of standard output not much more than a line may have.
    fn read(&mut self) -> io::Result<()> {
        let mut chunk = [0; CHUNK];
        let lines = &mut self.lines;
        drain(&mut self.stdout, &mut chunk, |bytes| {
            lines.push(bytes);
            lines.rest().len() <= LONGEST_LINE
        })?;
        let words = &mut self.words;
        // Bounded, so that a program that never stops talking does not hold us here beyond the timeout.
        let mut room = 16;
        drain(&mut self.stderr, &mut chunk, |bytes| {
            words.push(bytes);
            room -= 1;
            room > 0
        })
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.end(GRACE);
    }
}

/// Reads a pipe until it is empty, closed, or the taker has enough.
fn drain(
    pipe: &mut Option<impl Read>,
    chunk: &mut [u8],
    mut take: impl FnMut(&[u8]) -> bool,
) -> io::Result<()> {
    while let Some(reader) = pipe {
        match reader.read(chunk) {
            Ok(0) => *pipe = None,
            Ok(count) => {
                // A short read has emptied the pipe; asking again would only be told so.
                if !take(&chunk[..count]) || count < chunk.len() {
                    break;
                }
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// A path that starts from a folder, without the dots of `./mine`.
fn path_in(folder: &Path, name: &str) -> PathBuf {
    folder.join(name).components().collect()
}

/// Why a program does not start, and what to do.
fn reason(name: &str, folder: &Path, error: &io::Error) -> String {
    let is_path = name.contains('/');
    let cure = format!("name its interpreter before it, as in [\"python3\", \"{name}\"]");
    match error.kind() {
        ErrorKind::NotFound if is_path => {
            format!(
                "there is no file `{}`, or the interpreter it names is missing",
                path_in(folder, name).display()
            )
        }
        ErrorKind::NotFound => format!(
            "no program `{name}` is on the PATH; install it, or write its path with a slash (`./{name}` is the one in \
             the study's folder)"
        ),
        ErrorKind::PermissionDenied => {
            format!("`{name}` may not be executed; make it executable (chmod +x), or {cure}")
        }
        _ if Errno::from_io_error(error) == Some(Errno::NOEXEC) => {
            format!("`{name}` is not a program, nor a script that begins with `#!`; {cure}")
        }
        _ => error.to_string(),
    }
}
