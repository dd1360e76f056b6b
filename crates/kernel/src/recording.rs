//! A list of requests and the instants they are due: two mapped files (`load/recording.py` writes
//! them).
//!
//! ```text
//! entries  │ due_ns u64 │ text_at u64 │ method_len u16 │ status u16 │ target_len u32 │ …   sorted
//! text     │ GET/items/7?page=2 │ POST/orders │ …                                      by due_ns
//! ```
//!
//! Little-endian, 24 bytes an entry; `due_ns` since the run's origin; `status` as it was recorded,
//! 0 where none was. Mapped, so that workers share one copy and memory does not grow with the list.
//! Opening fails as opening a file fails, or where the entries are cut short; an entry that points
//! outside the text is None.

use std::io;
use std::path::Path;

use crate::request::MappedFile;

const ENTRY_LEN: usize = 24;

pub struct Recording {
    entries: MappedFile,
    text: MappedFile,
}

/// One request of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recorded<'a> {
    pub method: &'a str,
    /// Path and query, percent-encoded.
    pub target: &'a str,
    /// 0 where none was recorded.
    pub status: u16,
}

impl Recording {
    pub fn open(entries: &Path, text: &Path) -> io::Result<Recording> {
        let recording =
            Recording { entries: MappedFile::open(entries)?, text: MappedFile::open(text)? };
        if !recording.entries.bytes().len().is_multiple_of(ENTRY_LEN) {
            let problem = format!("{}: the last entry is cut short", entries.display());
            return Err(io::Error::new(io::ErrorKind::InvalidData, problem));
        }
        Ok(recording)
    }

    /// When request `number` is due (ns since the origin); None past the last.
    pub fn due_ns(&self, number: u64) -> Option<u64> {
        self.entry(number).map(|entry| u64_at(entry, 0))
    }

    /// Request `number`; None past the last, or where its entry points nowhere.
    pub fn request(&self, number: u64) -> Option<Recorded<'_>> {
        let entry = self.entry(number)?;
        let method_len = usize::from(u16_at(entry, 16));
        let target_len = u32::from_le_bytes(entry[20..24].try_into().ok()?) as usize;
        let rest = self.text.bytes().get(usize::try_from(u64_at(entry, 8)).ok()?..)?;
        let words = std::str::from_utf8(rest.get(..method_len.checked_add(target_len)?)?).ok()?;
        let (method, target) = words.split_at_checked(method_len)?;
        Some(Recorded { method, target, status: u16_at(entry, 18) })
    }

    fn entry(&self, number: u64) -> Option<&[u8]> {
        let start = usize::try_from(number).ok()?.checked_mul(ENTRY_LEN)?;
        self.entries.bytes().get(start..start.checked_add(ENTRY_LEN)?)
    }
}

fn u64_at(entry: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(entry[at..at + 8].try_into().expect("eight bytes"))
}

fn u16_at(entry: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(entry[at..at + 2].try_into().expect("two bytes"))
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use std::fs;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    /// A recording of (due_ns, method, target, status).
    pub fn recording(requests: &[(u64, &str, &str, u16)]) -> Arc<Recording> {
        let (mut entries, mut text) = (Vec::new(), Vec::new());
        for (due_ns, method, target, status) in requests {
            entries.extend_from_slice(&due_ns.to_le_bytes());
            entries.extend_from_slice(&(text.len() as u64).to_le_bytes());
            entries.extend_from_slice(&(method.len() as u16).to_le_bytes());
            entries.extend_from_slice(&status.to_le_bytes());
            entries.extend_from_slice(&(target.len() as u32).to_le_bytes());
            text.extend_from_slice(method.as_bytes());
            text.extend_from_slice(target.as_bytes());
        }
        Arc::new(written(&entries, &text).unwrap())
    }

    fn written(entries: &[u8], text: &[u8]) -> io::Result<Recording> {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let made = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("recording-{}-{made}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder)?;
        let (entries_path, text_path) = (folder.join("entries"), folder.join("text"));
        fs::write(&entries_path, entries)?;
        fs::write(&text_path, text)?;
        let recording = Recording::open(&entries_path, &text_path);
        fs::remove_dir_all(&folder)?;
        recording
    }

    #[test]
    fn requests_are_read_as_they_were_written() {
        let recording = recording(&[(5, "GET", "/a?b=1", 200), (7, "DELETE", "/items/7", 0)]);
        assert_eq!(recording.due_ns(1), Some(7));
        let second = Recorded { method: "DELETE", target: "/items/7", status: 0 };
        assert_eq!(recording.request(1), Some(second));
        assert_eq!(recording.request(0).unwrap().target, "/a?b=1");
        assert_eq!((recording.due_ns(2), recording.request(2)), (None, None));
    }

    #[test]
    fn an_entry_that_points_nowhere_is_no_request() {
        let mut entry = [0xff; ENTRY_LEN];
        assert_eq!(written(&entry, b"GET/").unwrap().request(0), None);
        entry = [0; ENTRY_LEN];
        entry[16] = 1;
        assert_eq!(written(&entry, "é".as_bytes()).unwrap().request(0), None);
    }

    #[test]
    fn entries_that_are_cut_short_are_refused() {
        let problem = written(&[0; ENTRY_LEN + 1], b"").err().expect("refused").to_string();
        assert!(problem.contains("cut short"), "{problem}");
    }
}
