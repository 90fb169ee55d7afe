//! The rules one by one, the errors, and random spaces against a naive interpreter.

mod errors;
mod naive;
mod rules;
