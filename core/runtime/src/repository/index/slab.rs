//! Numbered places that are used again.

use std::ops::{Index, IndexMut};

/// A list whose entries keep their number, and whose vacated numbers are given out again, the latest first.
#[derive(Debug, Clone, Default)]
pub(super) struct Slab<T> {
    places: Vec<T>,
    free: Vec<u32>,
}

impl<T: Default> Slab<T> {
    pub(super) fn insert(&mut self, value: T) -> u32 {
        if let Some(number) = self.free.pop() {
            self.places[number as usize] = value;
            return number;
        }
        self.places.push(value);
        // Fits: four billion of anything that is kept here would take more than 100 GB.
        u32::try_from(self.places.len() - 1).unwrap_or(u32::MAX)
    }

    /// Vacates a place and returns what was there. The number must be in use.
    pub(super) fn remove(&mut self, number: u32) -> T {
        self.free.push(number);
        std::mem::take(&mut self.places[number as usize])
    }

    /// How many places are in use.
    pub(super) fn len(&self) -> usize {
        self.places.len() - self.free.len()
    }

    /// How many places there are, in use or vacant.
    pub(super) fn places(&self) -> usize {
        self.places.len()
    }

    /// All places; vacant ones have the default value.
    pub(super) fn iter(&self) -> std::slice::Iter<'_, T> {
        self.places.iter()
    }

    /// What is in use, in the order of the numbers.
    pub(super) fn into_used(self) -> impl Iterator<Item = T> {
        let mut used = vec![true; self.places.len()];
        self.free.iter().for_each(|&number| used[number as usize] = false);
        self.places.into_iter().zip(used).filter_map(|(value, used)| used.then_some(value))
    }

    /// The bytes of the lists themselves.
    pub(super) fn memory_bytes(&self) -> usize {
        self.places.capacity() * size_of::<T>() + self.free.capacity() * size_of::<u32>()
    }
}

impl<T> Index<u32> for Slab<T> {
    type Output = T;

    #[inline]
    fn index(&self, number: u32) -> &T {
        &self.places[number as usize]
    }
}

impl<T> IndexMut<u32> for Slab<T> {
    #[inline]
    fn index_mut(&mut self, number: u32) -> &mut T {
        &mut self.places[number as usize]
    }
}
