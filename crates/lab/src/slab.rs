//! Values under u64 tokens. A token is never reused: its upper half counts the generations of its
//! slot, so that a timer or an event meant for a value that is gone finds nothing.

/// Generations start here, so that tokens below 2³² stay free for the slab's user.
const FIRST_GENERATION: u32 = 1;

struct Slot<T> {
    generation: u32,
    value: Option<T>,
}

pub struct Slab<T> {
    slots: Vec<Slot<T>>,
    free: Vec<u32>,
}

impl<T> Slab<T> {
    pub fn new() -> Self {
        Self { slots: Vec::new(), free: Vec::new() }
    }

    pub fn insert(&mut self, value: T) -> u64 {
        let index = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot { generation: FIRST_GENERATION, value: None });
            u32::try_from(self.slots.len() - 1).expect("fewer than 2³² connections")
        });
        let slot = &mut self.slots[index as usize];
        slot.value = Some(value);
        u64::from(slot.generation) << 32 | u64::from(index)
    }

    pub fn get_mut(&mut self, token: u64) -> Option<&mut T> {
        self.slot(token)?.value.as_mut()
    }

    pub fn remove(&mut self, token: u64) -> Option<T> {
        let slot = self.slot(token)?;
        let value = slot.value.take()?;
        slot.generation = slot.generation.wrapping_add(1).max(FIRST_GENERATION);
        self.free.push(token as u32);
        Some(value)
    }

    fn slot(&mut self, token: u64) -> Option<&mut Slot<T>> {
        let slot = self.slots.get_mut(token as u32 as usize)?;
        (u64::from(slot.generation) == token >> 32).then_some(slot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_outlives_its_value_without_finding_the_next_one() {
        let mut slab = Slab::new();
        let first = slab.insert("a");
        assert_eq!(slab.remove(first), Some("a"));
        let second = slab.insert("b");
        assert_eq!(slab.get_mut(first), None);
        assert_eq!(slab.remove(first), None);
        assert_eq!(slab.get_mut(second), Some(&mut "b"));
        assert!(second >= 1 << 32 && second != first);
    }
}
