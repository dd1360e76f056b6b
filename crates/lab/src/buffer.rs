//! Bytes that arrive at the end and leave from the front.

/// Capacity that an empty buffer may keep: an idle connection must stay small.
const KEPT_BYTES: usize = 4 * 1024;

#[derive(Default)]
pub struct Buffer {
    bytes: Vec<u8>,
    start: usize,
}

impl Buffer {
    pub fn unread(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    pub fn is_empty(&self) -> bool {
        self.start == self.bytes.len()
    }

    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Where a producer may append bytes.
    pub fn tail(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// Drops `count` bytes from the front.
    pub fn consume(&mut self, count: usize) {
        self.start += count;
        assert!(self.start <= self.bytes.len());
        if self.is_empty() {
            self.clear();
        }
    }

    pub fn clear(&mut self) {
        self.start = 0;
        self.bytes.clear();
        self.bytes.shrink_to(KEPT_BYTES);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_leave_in_the_order_they_came() {
        let mut buffer = Buffer::default();
        buffer.push(b"abc");
        buffer.consume(1);
        buffer.push(b"d");
        assert_eq!(buffer.unread(), b"bcd");
        buffer.consume(3);
        assert!(buffer.is_empty());
    }

    #[test]
    fn an_emptied_buffer_gives_its_memory_back() {
        let mut buffer = Buffer::default();
        buffer.push(&[0; 1 << 20]);
        buffer.consume(1 << 20);
        assert!(buffer.bytes.capacity() <= KEPT_BYTES);
    }
}
