//! The Linux poller: epoll with nanosecond timeouts, an eventfd to wake it.
//!
//! `epoll_pwait2` (Linux 5.11) takes a timespec. Where it is missing, or forbidden by a container's
//! seccomp filter, a timerfd inside the same epoll set gives the same precision for one more
//! system call a wait. Which of the two is found out once, at creation.
//!
//! Fails with the `io::Error` of the system call; at creation mostly EMFILE: too many open files.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::ptr;

use super::{Poller, Ready, Waker};
use crate::clock::NS_PER_S;
use crate::promptness;

/// Tokens of the poller's own fds; callers' tokens are smaller.
const WAKE_TOKEN: u64 = u64::MAX;
const TIMER_TOKEN: u64 = u64::MAX - 1;

const EVENTS_PER_WAIT: usize = 1_024;

/// The same number on every Linux architecture (all calls since 5.1 are).
const SYS_EPOLL_PWAIT2: libc::c_long = 441;

/// The timespec of system calls newer than 5.1: 64-bit on every architecture.
#[repr(C)]
struct KernelTimespec {
    tv_sec: i64,
    tv_nsec: i64,
}

/// How a wait with a timeout sleeps.
enum Sleep {
    Pwait2,
    Timerfd(OwnedFd),
}

pub struct EpollPoller {
    epoll: OwnedFd,
    sleep: Sleep,
    waker: Waker,
    events: Vec<libc::epoll_event>,
}

impl EpollPoller {
    /// Also sharpens the timers of the calling thread: create the poller where it will wait.
    pub fn new() -> io::Result<Self> {
        let mut poller = Self::with_sleep(Sleep::Pwait2)?;
        match poller.pwait2(Some(0)) {
            Err(error) if is_unavailable(&error) => Self::with_timerfd(),
            outcome => outcome.map(|_| poller),
        }
    }

    fn with_timerfd() -> io::Result<Self> {
        let flags = libc::TFD_NONBLOCK | libc::TFD_CLOEXEC;
        // SAFETY: no pointers; the fd returned is ours alone.
        let timer = owned(unsafe { libc::timerfd_create(libc::CLOCK_MONOTONIC, flags) })?;
        let timer_fd = timer.as_raw_fd();
        let mut poller = Self::with_sleep(Sleep::Timerfd(timer))?;
        poller.add(timer_fd, libc::EPOLLIN, TIMER_TOKEN)?;
        Ok(poller)
    }

    fn with_sleep(sleep: Sleep) -> io::Result<Self> {
        promptness::be_prompt()?;
        // SAFETY: no pointers; the fds returned are ours alone.
        let epoll = owned(unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) })?;
        let flags = libc::EFD_NONBLOCK | libc::EFD_CLOEXEC;
        let signal = owned(unsafe { libc::eventfd(0, flags) })?;
        let signal_fd = signal.as_raw_fd();
        let events = vec![libc::epoll_event { events: 0, u64: 0 }; EVENTS_PER_WAIT];
        let mut poller = Self { epoll, sleep, waker: Waker::new(signal), events };
        poller.add(signal_fd, libc::EPOLLIN, WAKE_TOKEN)?;
        Ok(poller)
    }

    fn add(&mut self, fd: RawFd, interest: i32, token: u64) -> io::Result<()> {
        let mut event = libc::epoll_event { events: (interest | libc::EPOLLET) as u32, u64: token };
        let epoll = self.epoll.as_raw_fd();
        // SAFETY: `event` is valid for the call; the kernel copies it.
        check(unsafe { libc::epoll_ctl(epoll, libc::EPOLL_CTL_ADD, fd, &mut event) }).map(drop)
    }

    fn pwait2(&mut self, timeout_ns: Option<u64>) -> io::Result<usize> {
        let timeout = timeout_ns.map(|ns| KernelTimespec {
            tv_sec: (ns / NS_PER_S) as i64,
            tv_nsec: (ns % NS_PER_S) as i64,
        });
        let timeout_pointer = timeout.as_ref().map_or(ptr::null(), ptr::from_ref);
        // SAFETY: the kernel writes at most `events.len()` events; the timeout outlives the call;
        // a null signal mask leaves the thread's mask alone, and its size is then not read.
        let count = unsafe {
            libc::syscall(
                SYS_EPOLL_PWAIT2,
                self.epoll.as_raw_fd(),
                self.events.as_mut_ptr(),
                self.events.len() as libc::c_int,
                timeout_pointer,
                ptr::null::<libc::sigset_t>(),
                0_usize,
            )
        };
        check(count as libc::c_int).map(|count| count as usize)
    }

    fn epoll_wait(&mut self, timeout_ms: libc::c_int) -> io::Result<usize> {
        let (pointer, length) = (self.events.as_mut_ptr(), self.events.len() as libc::c_int);
        // SAFETY: the kernel writes at most `events.len()` events.
        check(unsafe { libc::epoll_wait(self.epoll.as_raw_fd(), pointer, length, timeout_ms) })
            .map(|count| count as usize)
    }

    fn sleep(&mut self, timeout_ns: Option<u64>) -> io::Result<usize> {
        match (&self.sleep, timeout_ns) {
            (Sleep::Pwait2, _) => self.pwait2(timeout_ns),
            (Sleep::Timerfd(_), Some(0)) => self.epoll_wait(0),
            (Sleep::Timerfd(timer), _) => {
                // 0 disarms, so that a wait without end is not cut short by an older timeout.
                arm(timer, timeout_ns.unwrap_or(0))?;
                self.epoll_wait(-1)
            }
        }
    }
}

impl Poller for EpollPoller {
    fn register(&mut self, fd: RawFd, token: u64) -> io::Result<()> {
        assert!(token < TIMER_TOKEN, "token {token:#x} is the poller's own");
        self.add(fd, libc::EPOLLIN | libc::EPOLLOUT | libc::EPOLLRDHUP, token)
    }

    fn deregister(&mut self, fd: RawFd) -> io::Result<()> {
        let epoll = self.epoll.as_raw_fd();
        // SAFETY: EPOLL_CTL_DEL ignores the event pointer.
        check(unsafe { libc::epoll_ctl(epoll, libc::EPOLL_CTL_DEL, fd, ptr::null_mut()) }).map(drop)
    }

    fn wait(&mut self, ready: &mut Vec<Ready>, timeout_ns: Option<u64>) -> io::Result<()> {
        ready.clear();
        let count = match self.sleep(timeout_ns) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => 0,
            outcome => outcome?,
        };
        // The poller's own fds need no reading: edge-triggered, each write or expiry reports anew.
        let outside = self.events[..count].iter().filter(|event| event.u64 < TIMER_TOKEN);
        ready.extend(outside.map(ready_of));
        Ok(())
    }

    fn waker(&self) -> Waker {
        self.waker.clone()
    }
}

fn ready_of(event: &libc::epoll_event) -> Ready {
    let flags = event.events as i32;
    Ready {
        token: event.u64,
        readable: flags & libc::EPOLLIN != 0,
        writable: flags & libc::EPOLLOUT != 0,
        closed: flags & (libc::EPOLLHUP | libc::EPOLLERR | libc::EPOLLRDHUP) != 0,
    }
}

fn arm(timer: &OwnedFd, after_ns: u64) -> io::Result<()> {
    let once = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    let after = libc::timespec {
        tv_sec: (after_ns / NS_PER_S) as libc::time_t,
        tv_nsec: (after_ns % NS_PER_S) as libc::c_long,
    };
    let setting = libc::itimerspec { it_interval: once, it_value: after };
    // SAFETY: `setting` is valid for the call, and a null pointer asks for no old setting.
    check(unsafe { libc::timerfd_settime(timer.as_raw_fd(), 0, &setting, ptr::null_mut()) })
        .map(drop)
}

/// ENOSYS is an older kernel's answer, EPERM that of seccomp filters older than the call.
fn is_unavailable(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::ENOSYS | libc::EPERM))
}

fn check(status: libc::c_int) -> io::Result<libc::c_int> {
    if status < 0 { Err(io::Error::last_os_error()) } else { Ok(status) }
}

fn owned(fd: libc::c_int) -> io::Result<OwnedFd> {
    // SAFETY: a fresh fd, not negative, that nobody else owns.
    check(fd).map(|fd| unsafe { OwnedFd::from_raw_fd(fd) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::monotonic_ns;
    use std::io::{Read, Write};
    use std::os::unix::net::UnixStream;

    const SECOND: Option<u64> = Some(NS_PER_S);

    /// Both ways to sleep keep one contract.
    fn each_poller(test: impl Fn(EpollPoller)) {
        test(EpollPoller::with_sleep(Sleep::Pwait2).unwrap());
        test(EpollPoller::with_timerfd().unwrap());
    }

    fn pair() -> (UnixStream, UnixStream) {
        let (ours, theirs) = UnixStream::pair().unwrap();
        ours.set_nonblocking(true).unwrap();
        (ours, theirs)
    }

    fn wait(poller: &mut EpollPoller, timeout_ns: Option<u64>) -> Vec<Ready> {
        let mut ready = vec![Ready { token: 99, readable: true, writable: true, closed: true }];
        poller.wait(&mut ready, timeout_ns).unwrap();
        ready
    }

    fn writable(token: u64) -> Ready {
        Ready { token, readable: false, writable: true, closed: false }
    }

    #[test]
    fn a_fresh_socket_is_reported_writable_once() {
        each_poller(|mut poller| {
            let (ours, _theirs) = pair();
            poller.register(ours.as_raw_fd(), 7).unwrap();
            assert_eq!(wait(&mut poller, SECOND), [writable(7)]);
            assert_eq!(wait(&mut poller, Some(0)), []);
        });
    }

    #[test]
    fn each_arrival_of_bytes_is_an_edge_of_its_own() {
        each_poller(|mut poller| {
            let (mut ours, mut theirs) = pair();
            poller.register(ours.as_raw_fd(), 7).unwrap();
            wait(&mut poller, SECOND);
            for _ in 0..3 {
                theirs.write_all(b"x").unwrap();
                let ready = wait(&mut poller, SECOND);
                assert!(ready[0].readable && !ready[0].closed);
                assert_eq!(ours.read(&mut [0; 8]).unwrap(), 1);
                assert_eq!(wait(&mut poller, Some(0)), []);
            }
        });
    }

    #[test]
    fn a_peer_that_leaves_is_reported_closed_and_its_last_bytes_can_be_read() {
        each_poller(|mut poller| {
            let (mut ours, mut theirs) = pair();
            poller.register(ours.as_raw_fd(), 7).unwrap();
            theirs.write_all(b"bye").unwrap();
            drop(theirs);
            let ready = wait(&mut poller, SECOND);
            assert!(ready[0].closed && ready[0].readable);
            let mut text = String::new();
            ours.read_to_string(&mut text).unwrap();
            assert_eq!(text, "bye");
        });
    }

    #[test]
    fn a_deregistered_socket_is_not_reported() {
        each_poller(|mut poller| {
            let (ours, mut theirs) = pair();
            poller.register(ours.as_raw_fd(), 7).unwrap();
            poller.deregister(ours.as_raw_fd()).unwrap();
            theirs.write_all(b"x").unwrap();
            assert_eq!(wait(&mut poller, Some(0)), []);
            assert!(poller.deregister(ours.as_raw_fd()).is_err());
        });
    }

    #[test]
    fn a_socket_registered_twice_is_an_error() {
        each_poller(|mut poller| {
            let (ours, _theirs) = pair();
            poller.register(ours.as_raw_fd(), 7).unwrap();
            let error = poller.register(ours.as_raw_fd(), 8).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        });
    }

    #[test]
    fn a_timeout_is_never_short_of_its_time() {
        each_poller(|mut poller| {
            let start_ns = monotonic_ns();
            assert_eq!(wait(&mut poller, Some(1_500_000)), []);
            assert!(monotonic_ns() - start_ns >= 1_500_000);
        });
    }

    #[test]
    fn a_wake_up_from_another_thread_ends_a_wait_without_end_and_is_not_reported() {
        each_poller(|mut poller| {
            for _ in 0..3 {
                let waker = poller.waker();
                let thread = std::thread::spawn(move || waker.wake());
                assert_eq!(wait(&mut poller, None), []);
                thread.join().unwrap();
            }
            assert_eq!(wait(&mut poller, Some(0)), []);
        });
    }

    #[test]
    fn wake_ups_before_the_wait_count_as_one() {
        each_poller(|mut poller| {
            (0..5).for_each(|_| poller.waker().wake());
            assert_eq!(wait(&mut poller, None), []);
        });
    }

    #[test]
    fn a_wait_without_end_outlives_an_earlier_timeout() {
        each_poller(|mut poller| {
            let (ours, mut theirs) = pair();
            poller.register(ours.as_raw_fd(), 7).unwrap();
            assert_eq!(wait(&mut poller, Some(3_000_000)), [writable(7)]);
            let thread = std::thread::spawn(move || theirs.write_all(b"x").map(|()| theirs));
            assert!(wait(&mut poller, None)[0].readable);
            thread.join().unwrap().unwrap();
        });
    }

    #[test]
    fn only_a_missing_or_forbidden_call_means_the_timerfd() {
        let error = io::Error::from_raw_os_error;
        assert!(is_unavailable(&error(libc::ENOSYS)));
        assert!(is_unavailable(&error(libc::EPERM)));
        assert!(!is_unavailable(&error(libc::EMFILE)));
    }
}
