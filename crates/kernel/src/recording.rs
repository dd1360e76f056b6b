//! A list of requests and the instants they are due: files that `load/recording.py` writes.
//!
//! ```text
//! entries  │ due_ns u64 │ text_at u64 │ method_len u16 │ status u16 │ target_len u32 │
//!          │ step u32 │ 0 u32 │ …                                    sorted by due_ns
//! text     │ GET/items/7?page=2 │ POST/orders │ …
//! steps    GET /items/{id} ␊ POST /orders ␊ …
//! ```
//!
//! Little-endian, 32 bytes an entry; `due_ns` since the run's origin; `status` as it was recorded,
//! 0 where none was; `step` k is the k-th name, from 1, and 0 is the usual name. Entries and text
//! are mapped, so that workers share one copy and memory does not grow with the list. Opening fails
//! as opening a file fails, or where the entries are cut short; an entry that points outside the
//! text is None.

use std::fs;
use std::io;
use std::path::PathBuf;

use crate::request::MappedFile;

const ENTRY_LEN: usize = 32;

pub struct Recording {
    entries: MappedFile,
    text: MappedFile,
    steps: Vec<String>,
}

/// Where a recording's files are.
pub struct Files {
    pub entries: PathBuf,
    pub text: PathBuf,
    pub steps: PathBuf,
}

/// One request of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recorded<'a> {
    pub method: &'a str,
    /// Path and query, percent-encoded.
    pub target: &'a str,
    /// 0 where none was recorded.
    pub status: u16,
    /// None for the usual name.
    pub step: Option<&'a str>,
}

impl Recording {
    pub fn open(files: &Files) -> io::Result<Recording> {
        let entries = MappedFile::open(&files.entries)?;
        if !entries.bytes().len().is_multiple_of(ENTRY_LEN) {
            let problem = format!("{}: the last entry is cut short", files.entries.display());
            return Err(io::Error::new(io::ErrorKind::InvalidData, problem));
        }
        let steps = fs::read_to_string(&files.steps)?.lines().map(str::to_owned).collect();
        Ok(Recording { entries, text: MappedFile::open(&files.text)?, steps })
    }

    /// When request `number` is due (ns since the origin); None past the last.
    pub fn due_ns(&self, number: u64) -> Option<u64> {
        self.entry(number).map(|entry| u64_at(entry, 0))
    }

    /// Request `number`; None past the last, or where its entry points nowhere.
    pub fn request(&self, number: u64) -> Option<Recorded<'_>> {
        let entry = self.entry(number)?;
        let method_len = usize::from(u16_at(entry, 16));
        let target_len = u32_at(entry, 20) as usize;
        let rest = self.text.bytes().get(usize::try_from(u64_at(entry, 8)).ok()?..)?;
        let words = std::str::from_utf8(rest.get(..method_len.checked_add(target_len)?)?).ok()?;
        let (method, target) = words.split_at_checked(method_len)?;
        let step = (u32_at(entry, 24) as usize).checked_sub(1);
        let step = step.and_then(|index| self.steps.get(index)).map(String::as_str);
        Some(Recorded { method, target, status: u16_at(entry, 18), step })
    }

    fn entry(&self, number: u64) -> Option<&[u8]> {
        let start = usize::try_from(number).ok()?.checked_mul(ENTRY_LEN)?;
        self.entries.bytes().get(start..start.checked_add(ENTRY_LEN)?)
    }
}

fn u64_at(entry: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(entry[at..at + 8].try_into().expect("eight bytes"))
}

fn u32_at(entry: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(entry[at..at + 4].try_into().expect("four bytes"))
}

fn u16_at(entry: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(entry[at..at + 2].try_into().expect("two bytes"))
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    /// A recording of (due_ns, method, target, status); those whose target holds a `#` are of the
    /// step "named".
    pub fn recording(requests: &[(u64, &str, &str, u16)]) -> Arc<Recording> {
        let (mut entries, mut text) = (Vec::new(), Vec::new());
        for (due_ns, method, target, status) in requests {
            entries.extend_from_slice(&due_ns.to_le_bytes());
            entries.extend_from_slice(&(text.len() as u64).to_le_bytes());
            entries.extend_from_slice(&(method.len() as u16).to_le_bytes());
            entries.extend_from_slice(&status.to_le_bytes());
            entries.extend_from_slice(&(target.len() as u32).to_le_bytes());
            entries.extend_from_slice(&u32::from(target.contains('#')).to_le_bytes());
            entries.extend_from_slice(&[0; 4]);
            text.extend_from_slice(method.as_bytes());
            text.extend_from_slice(target.as_bytes());
        }
        Arc::new(written(&entries, &text).unwrap())
    }

    fn written(entries: &[u8], text: &[u8]) -> io::Result<Recording> {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let made = MADE.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("recording-{}-{made}", std::process::id()));
        fs::create_dir_all(&folder)?;
        let file = |name: &str| folder.join(name);
        let files = Files { entries: file("entries"), text: file("text"), steps: file("steps") };
        fs::write(&files.entries, entries)?;
        fs::write(&files.text, text)?;
        fs::write(&files.steps, "named\n")?;
        let recording = Recording::open(&files);
        fs::remove_dir_all(&folder)?;
        recording
    }

    #[test]
    fn requests_are_read_as_they_were_written() {
        let recording = recording(&[(5, "GET", "/a?b=1", 200), (7, "DELETE", "/items/7#", 0)]);
        assert_eq!(recording.due_ns(1), Some(7));
        let second =
            Recorded { method: "DELETE", target: "/items/7#", status: 0, step: Some("named") };
        assert_eq!(recording.request(1), Some(second));
        let first = Recorded { method: "GET", target: "/a?b=1", status: 200, step: None };
        assert_eq!(recording.request(0), Some(first));
        assert_eq!((recording.due_ns(2), recording.request(2)), (None, None));
    }

    #[test]
    fn an_entry_that_points_nowhere_is_no_request() {
        let mut entry = [0xff; ENTRY_LEN];
        assert_eq!(written(&entry, b"GET/").unwrap().request(0), None);
        entry = [0; ENTRY_LEN];
        entry[16] = 1;
        assert_eq!(written(&entry, "é".as_bytes()).unwrap().request(0), None);
        entry[24] = 2;
        let unnamed = written(&entry, b"G").unwrap();
        assert_eq!(unnamed.request(0).unwrap().step, None);
    }

    #[test]
    fn entries_that_are_cut_short_are_refused() {
        let problem = written(&[0; ENTRY_LEN + 1], b"").err().expect("refused").to_string();
        assert!(problem.contains("cut short"), "{problem}");
    }
}
