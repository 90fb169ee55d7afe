//! Doubly linked lists in a flat array: the queues of nearly every policy.
//!
//! An object is in at most one list of a [`Links`], so the links of all lists of a policy share one array of 8
//! bytes an object: moving an object between queues allocates nothing, and removing one from the middle (a
//! deletion) costs the same as from an end.

/// No object.
pub(crate) const NIL: u32 = u32::MAX;

#[derive(Clone, Copy)]
struct Link {
    newer: u32,
    older: u32,
}

/// The links of all objects.
pub(crate) struct Links(Vec<Link>);

impl Links {
    pub(crate) fn new(objects: usize) -> Self {
        Self(vec![Link { newer: NIL, older: NIL }; objects])
    }

    pub(crate) fn grow(&mut self, objects: usize) {
        self.0.resize(objects, Link { newer: NIL, older: NIL });
    }

    /// The neighbour towards the newest end.
    #[inline]
    pub(crate) fn newer(&self, o: u32) -> u32 {
        self.0[o as usize].newer
    }
}

/// A list of objects, the newest at one end, the oldest at the other, and the sum of their sizes.
pub(crate) struct List {
    newest: u32,
    oldest: u32,
    bytes: u64,
}

impl List {
    pub(crate) const fn new() -> Self {
        Self { newest: NIL, oldest: NIL, bytes: 0 }
    }

    /// The object at the oldest end.
    #[inline]
    pub(crate) fn oldest(&self) -> Option<u32> {
        (self.oldest != NIL).then_some(self.oldest)
    }

    /// The sizes of its objects; as far as they were said.
    #[inline]
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Puts `o` at the newest end.
    #[inline]
    pub(crate) fn push(&mut self, links: &mut Links, o: u32, size: u64) {
        links.0[o as usize] = Link { newer: NIL, older: self.newest };
        match self.newest {
            NIL => self.oldest = o,
            newest => links.0[newest as usize].newer = o,
        }
        self.newest = o;
        self.bytes += size;
    }

    /// Takes out `o`, wherever it is.
    #[inline]
    pub(crate) fn remove(&mut self, links: &mut Links, o: u32, size: u64) {
        let Link { newer, older } = links.0[o as usize];
        match newer {
            NIL => self.newest = older,
            newer => links.0[newer as usize].older = older,
        }
        match older {
            NIL => self.oldest = newer,
            older => links.0[older as usize].newer = newer,
        }
        self.bytes -= size;
    }

    /// Moves `o`, which is in this list, to the newest end.
    #[inline]
    pub(crate) fn touch(&mut self, links: &mut Links, o: u32) {
        if self.newest != o {
            self.remove(links, o, 0);
            self.push(links, o, 0);
        }
    }
}
