//! What a model repository would hold: bytes with and without sharing, owners, lifetimes, garbage.
