//! What several test files share.

#![allow(dead_code, unreachable_pub, reason = "every test file uses some of it, from its own root")]

pub mod generate;
pub mod naive;
